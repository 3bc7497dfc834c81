"""Patients who were filed before there was a profile are screened by what their orders say."""

from importlib.util import module_from_spec, spec_from_file_location

import pytest
from sqlalchemy import Connection, text

from pharmacy.cli import MIGRATIONS
from tests.builders import an_order
from tests.work import Work


@pytest.fixture
def backfill() -> str:
    """What the migration does with rows of before."""
    (path,) = (MIGRATIONS / "versions").glob("*_one_formula_and_old_profiles.py")
    spec = spec_from_file_location("old_profiles", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.BACKFILL)


def test_an_old_patient_gets_the_profile_that_their_orders_tell(
    work: Work, connection: Connection, backfill: str
) -> None:
    said = {
        "opioid_last_14_days": "yes", "opioid_detail": "tramadol", "medicines": ["sertraline", "oxycodone"],
        "allergies": ["gelatin"], "no_known_allergies": False,
    }  # fmt: skip
    old, new = work.submit(an_order(**said)), work.submit(an_order({"/patient/full_name": "Berta New"}))
    connection.execute(text("UPDATE patients SET profile = '{}' WHERE full_name <> 'Berta New'"))
    kept = connection.scalar(text("SELECT profile FROM patients WHERE full_name = 'Berta New'"))

    connection.execute(text(backfill))

    query = text("SELECT profile FROM patients JOIN orders ON patients.id = patient_id WHERE orders.id = :id")
    profile = connection.scalar(query, {"id": old})
    assert profile["opioid"] == {
        "answer": "yes", "agent": {"text": "tramadol"}, "last_dose_on": None, "exception": None,
    }  # fmt: skip
    assert profile["allergies"] == [{"text": "gelatin"}]
    assert profile["medicines"] == [{"text": "sertraline"}, {"text": "oxycodone"}]
    assert connection.scalar(query, {"id": new}) == kept


def test_what_nobody_answered_stays_unknown(work: Work, connection: Connection, backfill: str) -> None:
    work.submit(an_order(opioid_last_14_days=None, medicines=None, no_known_allergies=False))
    connection.execute(text("UPDATE patients SET profile = '{}'"))

    connection.execute(text(backfill))

    assert connection.scalar(text("SELECT profile FROM patients")) == {"allergies": []}
