"""What the rooms tell of an oral liquid: millilitres wherever a person reads an amount, never capsules."""

import re

import pytest
from sqlalchemy import select

from pharmacy.domain.orders import OrderStatus
from pharmacy.store import batches
from pharmacy.store.reference import ComponentLot
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.benching import a_vehicle
from tests.builders import a_plan, an_order
from tests.web.console.pages import Console, words
from tests.web.console.test_adjusting import BACK, BY_WORD, ask
from tests.work import Work

SIGNED = {"signature": DEMO_PASSWORD}
LIQUID = an_order(
    plan=a_plan(("4", 14), ("4.5", None)), days=30, dosage_form="oral_liquid", supply_option=None
)


@pytest.fixture
def lot_id(work: Work) -> str:
    number = a_vehicle(work, "MCT-2601", "medium-chain triglycerides")
    with work.sessions.read() as session:
        return str(session.scalars(select(ComponentLot.id).where(ComponentLot.number == number)).one())


def test_trace_recall_and_batch_tell_millilitres_and_what_came_back_is_measured(
    work: Work, paul: Console, lot_id: str
) -> None:
    order = work.order(work.bring_to(OrderStatus.SHIPPED, LIQUID))

    traced = words(paul.get(f"/trace/component_lot/{lot_id}"))
    assert "128 mL / 128 mL of 1 mg/mL" in traced
    assert "capsule" not in traced

    opened = paul.post(
        "/recalls", scan="MCT-2601", drill="no", reason="The maker withdrew the oil.", **SIGNED
    )
    assert opened.status_code == 303, words(opened)
    recall = opened.location.removeprefix("/console")
    page = words(paul.get(recall))
    assert "Liquid dispensed 128 mL" in page
    assert "Capsules dispensed 0" in page
    assert "128 mL / 128 mL" in page
    assert "Millilitres that came back" in page
    refused = paul.post(
        f"{recall}/answer", order_id=str(order.id), answer="returned", note="Sent back.", returned_ml="half"
    )
    assert refused.status_code == 422
    assert ": a number is due, with a point before the decimals" in words(refused)
    paul.post(f"{recall}/answer", order_id=str(order.id), answer="returned", note="Sent.", returned_ml="63.5")
    assert "63.5 mL came back" in words(paul.get(recall))

    with work.sessions.read() as session:
        (batch,) = batches.of_lines(session, [line.id for line in order.lines]).values()
    made = words(paul.get(f"/batches/{batch.number}"))
    assert re.search(rf"Rx {order.number} ?: 128 mL", made)


def test_the_difference_of_an_adjustment_tells_millilitres(work: Work, paul: Console, lot_id: str) -> None:
    prescription_id = work.order(work.bring_to(OrderStatus.SHIPPED, LIQUID)).prescription_id

    page = words(ask(paul, prescription_id, "preview", **{**BACK, "from_day": "17"}, **BY_WORD))

    assert "Oral liquid Strength At home Still serve Left over To make 1 mg/mL 63 mL" in page
    assert "capsule" not in page
