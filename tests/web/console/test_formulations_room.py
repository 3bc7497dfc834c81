"""The room of formulations: the twelve contents read, a next version written, and approved by another with a signature."""

from uuid import UUID

import pytest
from sqlalchemy import Connection, select

from pharmacy.domain.formulations import DosageForm
from pharmacy.domain.orders import OrderStatus
from pharmacy.store.components import Component
from pharmacy.store.formulations import Formulation
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.books import row_counts
from tests.web.console.pages import Console, words
from tests.work import Work

SIGNED = {"effective_on": "2026-12-01", "signature": DEMO_PASSWORD}


def component(work: Work, name: str) -> str:
    with work.sessions.read() as session:
        return str(session.scalars(select(Component.id).where(Component.name == name)).one())


def capsules(work: Work, **changes: str) -> dict[str, str]:
    """The next version of the capsules, whole."""
    return {
        "version": "1", "code": "LDN-CAPS", "name": "naltrexone capsules", "form": "capsule",
        "strength_least_mg": "0.5", "strength_most_mg": "10",
        "components_0": component(work, "naltrexone hydrochloride"), "amounts_0": "label strength",
        "components_1": component(work, "microcrystalline cellulose"), "amounts_1": "to fill the shell",
        "shell": "3", "shell_material": "hypromellose", "characteristics": "USP", "container_closure": "tight",
        "equipment": "balance\n\nmachine", "supplies": "boats", "steps": "Weigh.\r\nBlend.\r\nFill.",
        "description": "white powder", "beyond_use_category": "solid", "beyond_use_days": "180",
        "beyond_use_storage": "room temperature", "beyond_use_reference": "USP <795>", "calculations": "potency",
        "labelling": "strength\nlot", "checks_0": "net weight", "expected_0": "90 to 110 %",
        "repeatability": "lots are on the record", **changes,
    }  # fmt: skip


def version(work: Work, number: int, code: str = "LDN-CAPS") -> Formulation:
    with work.sessions.read() as session:
        query = select(Formulation).where(Formulation.code == code, Formulation.version == number)
        return session.scalars(query).one()


def written(work: Work, by: Console, **changes: str) -> str:
    """The address of the version that was written."""
    answer = by.post("/formulations", **capsules(work, **changes))
    assert answer.status_code == 303, words(answer)
    return answer.location.removeprefix("/console")


def test_the_room_lists_every_version_and_a_page_shows_the_twelve_contents(work: Work, sam: Console) -> None:
    listed = words(sam.get("/formulations"))
    page = words(sam.get(f"/formulations/{version(work, 1).id}"))

    assert "LDN-CAPS naltrexone hydrochloride low-dose capsules 1 ✓ In force" in listed
    assert "Write a formulation" not in listed
    names = ["Name, strength and dosage form", "Components and amounts", "Labelling"]
    assert all(f"{number}. " in page for number in range(1, 13))
    assert all(name in page for name in names)
    assert "microcrystalline cellulose to fill the shell, by displacement" in page
    assert "Shell size 3, gelatin" in page
    assert "Nothing has been compounded by it yet" in page


def test_a_version_that_was_used_says_that_it_never_changes(work: Work, tess: Console) -> None:
    work.bring_to(OrderStatus.COMPOUNDING)

    page = words(tess.get(f"/formulations/{version(work, 1).id}"))

    assert "It never changes: batches were compounded by it." in page
    assert "First used Mon 23 Nov 2026, 10:00" in page


def test_the_next_version_is_begun_from_the_last_and_kept_in_the_shape_of_the_api(
    work: Work, tess: Console
) -> None:
    first = version(work, 1)
    form = tess.get(f"/formulations/new?like={first.id}")

    address = written(work, tess)

    assert "Write version 2 of LDN-CAPS" in words(form)
    assert "label strength, corrected for potency" in form.text
    assert "Blend by geometric dilution." in form.text
    second = version(work, 2)
    assert address == f"/formulations/{second.id}"
    assert first.contents.keys() == second.contents.keys()
    assert second.contents["instructions"]["equipment"] == ["balance", "machine"]
    assert second.contents["shell"] == {"size": "3", "material": "hypromellose"}
    assert second.contents["strength"] == {"least_mg": "0.5", "most_mg": "10", "per": "capsule"}
    assert "● Waits for approval" in words(tess.get(address))


def test_a_liquid_is_written_without_a_shell(work: Work, tess: Console) -> None:
    written(
        work, tess, version="0", code="LDN-OIL-2", form="oral_liquid", strength_least_mg="1", strength_most_mg="1",
        components_1=component(work, "medium-chain triglycerides"), beyond_use_category="oral_non_aqueous",
        beyond_use_days="90", shell="",
    )  # fmt: skip

    kept = version(work, 1, "LDN-OIL-2")
    assert (kept.form, kept.contents["shell"], kept.beyond_use_days) == (DosageForm.ORAL_LIQUID, None, 90)


def test_another_pharmacist_approves_with_a_signature_and_a_day_and_only_once(
    work: Work, paul: Console, iris: Console, tess: Console
) -> None:
    address = written(work, paul)

    own = paul.post(f"{address}/approval", **SIGNED)
    assert "may not approve it: another pharmacist does" in words(paul.get(address))
    unsigned = iris.post(f"{address}/approval", effective_on="2026-12-01")
    past = iris.post(f"{address}/approval", **{**SIGNED, "effective_on": "2026-11-22"})
    technician = tess.post(f"{address}/approval", **SIGNED)
    approved = iris.post(f"{address}/approval", **SIGNED)
    again = iris.post(f"{address}/approval", **SIGNED)

    assert (own.status_code, technician.status_code) == (403, 403)
    assert "Whoever wrote a formulation may not approve it" in words(own)
    assert unsigned.status_code >= 400
    assert 'value="2026-12-01"' in unsigned.text
    assert (past.status_code, again.status_code) == (422, 409)
    assert 'href="#effective_on"' in past.text
    assert approved.status_code == 303
    assert "○ Approved, to come In force from Tue 1 Dec 2026" in words(iris.get(address))
    assert version(work, 2).approved_at is not None


@pytest.mark.parametrize(
    ("changes", "field", "because"),
    [
        ({"code": "ldn caps", "version": "0"}, "code", "capital letters, digits and hyphens"),
        ({"name": ""}, "name", "The name is due, in words."),
        ({"strength_least_mg": "0.0001"}, "strength_least_mg", "to a microgram"),
        ({"strength_least_mg": "11"}, "strength_most_mg", "below the lowest"),
        ({"components_0": "", "amounts_0": "some"}, "components_0", "One of the list"),
        ({"components_0": str(UUID(int=1))}, "components_0", "The catalogue has no such component"),
        ({"amounts_1": ""}, "amounts_1", "The amount is due"),
        ({"shell": ""}, "shell", "One of the list"),
        ({"steps": " \n "}, "steps", "The steps is due"),
        ({"labelling": "x" * 501}, "labelling", "longer than the record takes"),
        ({"beyond_use_category": "aqueous"}, "beyond_use_category", "not made in the category"),
        ({"beyond_use_days": "181"}, "beyond_use_days", "180 days at most"),
        ({"checks_0": "", "expected_0": ""}, "checks_0", "A check is due"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    work: Work, tess: Console, connection: Connection, changes: dict[str, str], field: str, because: str
) -> None:
    form = capsules(work, **changes)
    before = row_counts(connection)

    answer = tess.post("/formulations", **form)

    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.text
    assert because in words(answer)
    assert "white powder" in answer.text
    assert 'name="version" value="1"' in answer.text or changes.get("version") == "0"
    changed = {name for name, count in row_counts(connection).items() if count != before[name]}
    assert changed <= {"audit", "audit_unsealed"}


def test_a_filler_that_gels_is_refused_at_the_row_in_which_it_stands(work: Work, tess: Console) -> None:
    gels = component(work, "hypromellose K100M")
    form = capsules(work, components_1="", amounts_1="", components_3=gels, amounts_3="to fill")

    answer = tess.post("/formulations", **form)

    assert answer.status_code == 422
    assert '<a href="#components_3">' in answer.text


def test_everything_that_is_wrong_is_said_at_once(tess: Console) -> None:
    answer = tess.post("/formulations", version="0", form="capsule")

    assert answer.status_code == 422
    for field in (
        "code",
        "name",
        "components_0",
        "shell",
        "steps",
        "beyond_use_days",
        "checks_0",
        "repeatability",
    ):
        assert f'<a href="#{field}">' in answer.text, field


def test_a_version_begun_before_another_was_written_is_refused_and_nobody_is_overtaken(
    work: Work, tess: Console, paul: Console
) -> None:
    written(work, tess)

    late = paul.post("/formulations", **capsules(work, name="mine"))
    same = paul.post("/formulations", **capsules(work, version="0", name="mine"))

    assert (late.status_code, same.status_code) == (409, 409)
    assert "There is version 2 of LDN-CAPS already" in words(late)
    assert 'value="mine"' in late.text
    assert version(work, 2).name == "naltrexone capsules"
