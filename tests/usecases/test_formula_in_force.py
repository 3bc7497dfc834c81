"""Allergies are held against the formulation in force, and against nothing beside it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from pharmacy.domain.components import ComponentKind
from pharmacy.domain.screening.statements import Tag
from pharmacy.store.base import new_id
from pharmacy.store.components import Component
from pharmacy.store.formulations import Formulation
from pharmacy.usecases.formula_in_force import formula_in_force
from tests.work import Work

USUAL = {
    "filler": {"name": "rice flour", "tags": ["rice"]},
    "shell": {"name": "a hard gelatin capsule", "tags": ["gelatin"]},
}


def test_before_any_formulation_the_usual_formula_counts(work: Work) -> None:
    with work.sessions.read() as session:
        formula = formula_in_force(session, date(1999, 1, 1), USUAL)

    assert (formula.filler.name, formula.shell.tags) == ("rice flour", {Tag.GELATIN})


def test_a_formulation_says_what_the_capsules_consist_of_from_its_day_on(work: Work) -> None:
    with work.sessions.read() as session:
        formula = formula_in_force(session, date(2026, 11, 23), USUAL)

    assert (formula.filler.name, formula.filler.tags) == ("microcrystalline cellulose", {Tag.CELLULOSE})
    assert formula.shell.tags == {Tag.GELATIN, Tag.ANIMAL}


@pytest.mark.parametrize(
    ("material", "tags"), [("gelatin", {Tag.GELATIN, Tag.ANIMAL}), ("hypromellose", set())]
)
def test_the_next_version_with_lactose_is_screened_from_its_day_on(
    work: Work, material: str, tags: set[Tag]
) -> None:
    with work.sessions.write() as session:
        before = work.reference(session)
        followed = session.scalars(select(Formulation).where(Formulation.code == "LDN-CAPS")).one()
        lactose = Component(
            id=new_id(), name="lactose monohydrate NF", kind=ComponentKind.FILLER, tags=["lactose"],
            added_at=followed.written_at, added_by=followed.written_by,
        )  # fmt: skip
        session.add(lactose)
        columns = {name: getattr(followed, name) for name in Formulation.__table__.columns.keys()}  # noqa: SIM118
        contents = followed.contents | {
            "components": [{"component_id": str(lactose.id), "name": lactose.name, "amount": "to fill"}],
            "shell": {"size": "3", "material": material},
        }
        session.add(
            Formulation(
                **columns
                | {
                    "id": new_id(),
                    "version": 2,
                    "contents": contents,
                    "effective_on": before.on,
                    "first_used_at": None,
                }
            )
        )
    with work.sessions.read() as session:
        after = work.reference(session)
        tomorrow = formula_in_force(session, before.on - timedelta(days=1), USUAL)

    assert after.version > before.version
    assert after.formula.filler.tags == {Tag.LACTOSE}
    assert after.formula.shell.tags == tags
    assert tomorrow.filler.name != "lactose monohydrate NF"
