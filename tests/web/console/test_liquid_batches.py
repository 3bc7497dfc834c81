"""A liquid asked for by hand in the console: in millilitres everywhere, by its formulation, weighed like any other."""

import re

import pytest
from sqlalchemy import Connection

from pharmacy.domain.orders import OrderStatus
from pharmacy.store import batches, formulations
from pharmacy.store.batches import BatchStatus
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.benching import a_vehicle
from tests.books import row_counts
from tests.builders import a_plan, an_order
from tests.web.console.pages import Console, words
from tests.work import Work

OIL = {"kind": "liquid", "formulation": "LDN-LIQUID-OIL", "mg_per_ml": "1", "volume_ml": "163"}
BALANCE = "Class III, balance 1"


@pytest.fixture
def oil(work: Work) -> str:
    return a_vehicle(work, "MCT-7", "medium-chain triglycerides")


def planned(tess: Console, **changes: str) -> str:
    """The address of a liquid that was asked for."""
    answer = tess.post("/batches", **{**OIL, **changes})
    assert answer.status_code == 303, words(answer)
    return answer.location.removeprefix("/console")


def weighed(tess: Console, paul: Console, path: str) -> None:
    weighing = re.search(r'name="weighing" value="([^"]+)"', tess.get(path).text)
    assert weighing is not None
    read = {"weighing": weighing[1], "read_mg": "170", "balance": BALANCE}
    assert tess.post(f"{path}/weigh", **read).status_code == 303
    assert paul.post(f"{path}/sign", weighing=weighing[1]).status_code == 303


def test_a_liquid_is_asked_for_weighed_and_released_in_millilitres(
    work: Work, oil: str, tess: Console, paul: Console
) -> None:
    path = planned(tess)
    assert tess.post(f"{path}/lots", scans=oil).status_code in {200, 303}
    page = words(tess.get(path))
    assert "163 mL of 1 mg/mL" in page
    assert f"Vehicle, lot {oil}" in page
    assert "169.571" in page

    weighed(tess, paul, path)
    mixing = words(tess.get(path))
    assert "Add vehicle to 163 mL" in mixing
    assert "How the liquid looks" in mixing
    assert tess.post(f"{path}/blend", appearance="clear").status_code == 303
    assert "163 mL" in words(tess.get(path))
    assert tess.post(f"{path}/fill").status_code == 303
    assert paul.post(f"{path}/check", conforms="yes", remark="clear").status_code == 303
    assert paul.post(f"{path}/release", signature=DEMO_PASSWORD).status_code == 303

    shelf = words(tess.get("/batches?view=shelf"))
    assert "163 mL of 1 mg/mL" in shelf
    for told in (page, mixing, words(tess.get(path)), words(tess.get(f"{path}/sheet"))):
        assert "apsule" not in told.partition("Batches /")[2].partition("Keys")[0], told
    with work.sessions.read() as session:
        batch = batches.numbered(session, path.rpartition("/")[2])
        assert batch.status is BatchStatus.RELEASED
        assert batch.formulation_id is not None
        followed = formulations.formulation(session, batch.formulation_id)
    assert (followed.code, followed.first_used_at is not None) == ("LDN-LIQUID-OIL", True)


def test_every_kind_of_water_follows_its_own_formulation_on_other_lots_too(work: Work, tess: Console) -> None:
    for number, component, code in (
        ("PW-7", "purified water", "LDN-LIQUID-AQUEOUS"),
        ("POV-7", "preserved oral vehicle", "LDN-LIQUID-PRESERVED"),
    ):
        a_vehicle(work, number, component)
        path = planned(tess, formulation=code)
        tess.post(f"{path}/lots", scans="NTX-2601")

        page = words(tess.get(path))

        assert f"({code}, version 1)" in page
    assert "refrigerator" in words(tess.get(f"{path}/sheet"))


@pytest.mark.parametrize(
    ("changes", "field", "because"),
    [
        ({"formulation": ""}, "formulation", "A formulation of an oral liquid"),
        ({"formulation": "LDN-CAPS"}, "formulation", "A formulation of an oral liquid"),
        ({"mg_per_ml": "2"}, "formulation", "LDN-LIQUID-OIL is for 1 mg/mL, not for 2 mg/mL."),
        ({"mg_per_ml": "0"}, "mg_per_ml", "More than nothing is made"),
        ({"volume_ml": ""}, "volume_ml", "The volume is a number"),
        ({"volume_ml": "0.5"}, "volume_ml", "From 1 mL to 100,000 mL"),
        ({"volume_ml": "20"}, "", "too small to weigh"),
    ],
)
def test_a_liquid_that_cannot_be_made_is_refused_in_words_and_stays_typed(
    tess: Console, oil: str, connection: Connection, changes: dict[str, str], field: str, because: str
) -> None:
    before = row_counts(connection)

    answer = tess.post("/batches", **{**OIL, **changes})

    assert answer.status_code == 422
    assert because in words(answer)
    assert not field or f'<a href="#new-{field}">' in answer.text
    assert 'value="liquid" checked' in answer.text
    changed = {name for name, count in row_counts(connection).items() if count != before[name]}
    assert changed == {"audit", "audit_unsealed"}


def test_the_liquid_of_an_order_is_promised_in_millilitres(work: Work, oil: str, tess: Console) -> None:
    plan = a_plan(("0.5", 14), ("1.5", 14), ("4.5", 30))
    order_id = work.bring_to(
        OrderStatus.COMPOUNDING, an_order(plan=plan, dosage_form="oral_liquid", supply_option=None)
    )
    with work.sessions.read() as session:
        (batch,) = batches.of_lines(session, [line.id for line in work.order(order_id).lines]).values()

    page = words(tess.get(f"/batches/{batch.number}"))

    assert f"Rx {work.order(order_id).number} : 163 mL" in page.replace("Rx ", "Rx ")
    assert "capsule" not in page.partition("What else can be done")[2].partition("g t go to")[0]
    assert "for one order" in words(tess.get("/batches?view=shelf")) + words(tess.get("/batches"))
    assert "16300" not in page
