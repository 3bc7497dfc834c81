"""An oral liquid from the simulation to the patient: quoted, ordered, weighed, labelled, refilled, all in millilitres."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store import batches
from pharmacy.store.components import Component
from pharmacy.store.labels import LabelKind
from pharmacy.store.reference import Setting
from tests.benching import a_vehicle
from tests.builders import a_plan, a_supply, an_order
from tests.callers import Api
from tests.web.api.courses import Course
from tests.work import Work

Begin = Callable[..., Course]
E25 = a_plan(("0.5", 14), ("1.5", 14), ("4.5", 30))
OPEN = a_plan(("4", 14), ("4.5", None))


@pytest.fixture
def vehicle(work: Work) -> str:
    """A released lot of oil, entered in the ledger."""
    return a_vehicle(work, "MCT-2601", "medium-chain triglycerides")


def _liquid(**changes: Any) -> dict[str, Any]:
    return an_order(plan=E25, dosage_form="oral_liquid", supply_option=None, **changes)


def test_e25_is_ordered_quoted_and_answered_in_millilitres(api: Api, vehicle: str) -> None:
    quote = api.post("/quotes", a_supply(plan=E25, dosage_form="oral_liquid")).get_json()

    order = api.order(_liquid(quote_id=quote["id"]))

    (line,) = order["lines"]
    assert (line["concentration_mg_per_ml"], line["volume_ml"]) == ("1", "163")
    assert (line["strength_mg"], line["capsules"]) == (None, None)
    (bottle,) = line["vials"]
    assert (bottle["volume_ml"], bottle["capsules"]) == ("163", None)
    assert [step["dose_ml"] for step in bottle["steps"]] == ["0.5", "1.5", "4.5"]
    (batch,) = order["batches"]
    # 163 mg of drug at a potency of 0.992 x 0.969.
    assert (batch["volume_ml"], batch["active_exact_mg"], batch["refusal"]) == ("163", "169.571", None)
    assert (batch["beyond_use_limited_by"], batch["covers_last_dose"]) == ("USP <795> limit of 90 days", True)
    assert (order["supply_option"], order["total_usd"]) == ("oral_liquid", quote["total_usd"])
    assert order["total_usd"] == "59.45"
    assert api.get(f"/orders/{order['id']}").get_json()["lines"] == order["lines"]


def test_a_liquid_without_a_vehicle_says_what_is_missing(api: Api) -> None:
    order = api.order(_liquid())

    assert "F-LINE-CANNOT-BE-WEIGHED" in {each["code"] for each in order["findings"]}
    assert "no released lot of oral non aqueous vehicle" in order["batches"][0]["refusal"]


def test_a_liquid_goes_the_whole_way_and_its_label_speaks_of_millilitres(work: Work, vehicle: str) -> None:
    order_id = work.bring_to(OrderStatus.SHIPPED, _liquid())

    order = work.order(order_id)
    with work.sessions.read() as session:
        (batch,) = batches.of_lines(session, [line.id for line in order.lines]).values()
    assert (batch.kind.value, batch.status.value, batch.capsules_allocated) == ("liquid", "released", 16_300)
    (label,) = [
        each for each in work.labels(order_id) if each.kind is LabelKind.DISPENSING and not each.voided_at
    ]
    said = label.content
    assert "1 mg/mL" in said["drug_and_strength"]
    assert said["quantity"] == "163 mL"
    assert any("0.5 mL by mouth at bedtime" in each for each in said["directions"])
    assert "capsule" not in str(said)
    assert any("hake" in each for each in said["auxiliary"])


def test_a_refill_of_a_liquid_is_a_liquid_and_goes_on_where_the_bottle_ends(
    course: Begin, vehicle: str
) -> None:
    body = an_order(
        {"/prescription/refills": 1}, plan=OPEN, days=30, dosage_form="oral_liquid", supply_option=None
    )
    made = course(body, day=28)

    first = made.refill()

    assert first.status_code == 201, first.text
    order = first.get_json()
    assert (order["first_day"], order["days"]) == (31, 30)
    assert [line["volume_ml"] for line in order["lines"]] == ["135"]
    assert not any("capsule" in line for line in _said(made))


def _said(made: Course) -> list[str]:
    calendar = made.api.get(f"/prescriptions/{made.id}/schedule?format=ics").data.decode()
    assert "4.5 mL at bedtime" in calendar
    return calendar.splitlines()


def test_a_bottle_at_home_serves_the_dose_that_is_stepped_back_to(course: Begin, vehicle: str) -> None:
    body = an_order(plan=OPEN, days=30, dosage_form="oral_liquid", supply_option=None)
    made = course(body, day=18)

    back = made.ask({"kind": "halve", "from_day": 19, "reason": "Headache.", "authorization": made.signed()})

    assert back.status_code == 201, back.text
    (held,) = back.get_json()["difference"]["capsules"]
    assert (held["strength_mg"], held["at_home"]) == (None, None)
    # Of 128 millilitres fourteen times four and four times four and a half are gone.
    assert (held["concentration_mg_per_ml"], held["at_home_ml"]) == ("1", "54")


def test_an_aqueous_liquid_is_split_where_its_beyond_use_date_ends(
    api: Api, work: Work, vehicle: str
) -> None:
    with work.sessions.write() as session:
        session.add(
            Setting(
                name="oral_liquid",
                value={
                    "concentration_mg_per_ml": "1",
                    "beyond_use_category": "aqueous_preserved",
                    "syringe_step_ml": "0.01",
                },
                source="a test",
                owner="Iris",
                reason="a test",
                set_at=work.pharmacy.clock() + timedelta(seconds=1),
            )
        )
        oil = session.scalars(select(Component).where(Component.name == "medium-chain triglycerides")).one()
        oil.tags = ["aqueous", "preserved"]

    steady = an_order(plan=a_plan(("4.5", 58)), dosage_form="oral_liquid", supply_option=None)
    order = api.order(steady)

    # Made today, 23 November is day 1 of 35; taken from 30 November on: until 27 December.
    assert order["days"] == 28
    assert order["split_fill"]["days"] == 58
    assert [line["volume_ml"] for line in order["lines"]] == ["126"]
    assert "from a later batch" in order["split_fill"]["because"]


def test_too_little_to_weigh_is_made_as_a_larger_batch_and_the_rest_is_nobodys(
    work: Work, vehicle: str
) -> None:
    small = an_order(plan=a_plan(("0.5", 14), ("1", 16)), dosage_form="oral_liquid", supply_option=None)

    order = work.order(work.bring_to(OrderStatus.SHIPPED, small))

    (line,) = order.lines
    with work.sessions.read() as session:
        (batch,) = batches.of_lines(session, [line.id]).values()
    # 23 mg cannot be weighed where 120 mg are the least; 120 mL are 124.8 mg of this powder.
    assert (line.capsules, batch.capsules_allocated) == (2_300, 2_300)
    assert "Add vehicle to 120 mL" in " ".join(batch.worksheet["instructions"])


def test_a_dose_between_two_marks_is_refused_with_its_place(api: Api) -> None:
    refused = api.post(
        "/orders", an_order(plan=a_plan(("0.501", 14)), dosage_form="oral_liquid", supply_option=None)
    )

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["pointer"] == "/plan/steps/0/dose_mg"


def test_nothing_of_a_cancelled_liquid_is_given_to_anybody_else(work: Work, vehicle: str) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING, _liquid())

    work.act(order_id, Act.CANCEL, reason="The patient changed their mind.")

    with work.sessions.read() as session:
        made = batches.of_lines(session, [line.id for line in work.order(order_id).lines])
    assert made == {}
