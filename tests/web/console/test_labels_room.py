"""The room of labels: what waits, a label as it is printed, and what becomes of it, each with its reason."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import update

from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store.labels import Label, LabelKind
from pharmacy.store.patients import Patient
from tests.web.console.pages import Console, words
from tests.work import Work

TORN = "The first one was torn."


@pytest.fixture
def label(work: Work) -> Label:
    """The first label of an order at the bench, made and not printed."""
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    work.carry_out()
    return _labels(work, order_id)[0]


def _labels(work: Work, order_id: UUID) -> list[Label]:
    return [each for each in work.labels(order_id) if each.kind is LabelKind.DISPENSING]


def _send(console: Console, label: Label, what: str, **typed: str) -> int:
    form = {**console.hidden(f"/labels/{label.id}"), "printer": "browser", "template": "4x2", **typed}
    return console.client.post(f"/console/labels/{label.id}/{what}", data=form).status_code


def test_what_is_to_be_printed_waits_in_the_room_and_in_the_rail(
    work: Work, tess: Console, label: Label
) -> None:
    page = words(tess.get("/labels"))

    assert label.content["rx_number"] in page
    assert "Labels , waiting for me: 3" in page
    assert "To be printed 3" in page


def test_a_label_is_shown_as_it_is_printed_with_its_words_beside(tess: Console, label: Label) -> None:
    answer = tess.get(f"/labels/{label.id}")

    assert answer.text.count("<text") >= 10
    assert answer.text.count('class="bar"') > 30
    page = words(answer)
    for said in (
        label.content["patient"],
        label.content["lot"],
        label.content["description"],
        "It was never printed.",
    ):
        assert said in page


def test_a_label_is_printed_once_and_then_reprinted_with_a_reason_and_a_number(
    work: Work, tess: Console, label: Label
) -> None:
    assert _send(tess, label, "prints") == 303
    assert _send(tess, label, "prints") == 409
    assert _send(tess, label, "reprints") == 422
    assert _send(tess, label, "reprints", reason=TORN) == 303

    page = words(tess.get(f"/labels/{label.id}"))
    assert "The copy says REPRINT 2" in page
    assert f"Reprint 1 {TORN}" in page
    assert "First print" in page
    assert f"{TORN}" in words(tess.get("/labels?state=printed"))
    copy = tess.get(f"/labels/{label.id}").text.split("prints/")[1].split(".pdf")[0]
    assert tess.get(f"/labels/{label.id}/prints/{copy}.pdf").mimetype == "application/pdf"


def test_what_was_typed_stays_beside_what_is_wrong(tess: Console, label: Label) -> None:
    _send(tess, label, "prints")
    form = {**tess.hidden(f"/labels/{label.id}"), "printer": "cellar", "template": "3x2", "reason": TORN}

    answer = tess.client.post(f"/console/labels/{label.id}/reprints", data=form)

    assert answer.status_code == 422
    assert "There is no such printer" in words(answer)
    assert TORN in answer.text


def test_a_label_that_the_books_no_longer_bear_out_is_void_instead_of_printed(
    work: Work, tess: Console, label: Label
) -> None:
    with work.sessions.write() as session:
        session.execute(update(Patient).values(full_name="Anna Sample-Mended"))

    assert _send(tess, label, "prints") == 409
    assert "Void" in words(tess.get(f"/labels/{label.id}"))
    assert label.content["rx_number"] in words(tess.get("/labels?state=void"))


def test_a_pharmacist_makes_void_and_asks_anew_and_a_technician_is_told_so(
    work: Work, at_work: Callable[[str], Console], label: Label
) -> None:
    tess, paul = at_work("tess"), at_work("paul")
    assert "Make void Only a pharmacist may." in words(tess.get(f"/labels/{label.id}"))

    assert _send(paul, label, "void", reason=TORN) == 303
    assert _send(paul, label, "anew", reason="A new one is due.") == 303

    living = [each for each in _labels(work, label.order_id) if each.voided_at is None]
    assert label.id not in {each.id for each in living}
    assert len(living) == 3


def test_a_label_that_could_not_be_drawn_says_why_and_is_asked_for_again(work: Work, paul: Console) -> None:
    order_id = work.submit()
    with work.sessions.write() as session:
        session.execute(update(Patient).values(full_name="Anna \N{SNOWMAN}"))
    work.carry_out()
    failed = work.labels(order_id)[0]
    assert "Could not be drawn 3" in words(paul.get("/labels?state=given_up"))
    page = words(paul.get(f"/labels/{failed.id}"))
    assert "Could not be drawn" in page
    assert "Ask for it again" in page

    with work.sessions.write() as session:
        session.execute(update(Patient).values(full_name="Anna Sample"))
    assert _send(paul, failed, "anew", reason="The name is mended.") == 303
    work.carry_out()

    assert any(each.made_at is not None for each in work.labels(order_id))


def test_a_shipped_order_has_its_labels_for_looking_only(work: Work, paul: Console) -> None:
    order_id = work.bring_to(OrderStatus.LABELLED)
    work.act(order_id, Act.VERIFY)
    work.act(order_id, Act.SHIP)

    page = words(paul.get(f"/labels/{_labels(work, order_id)[0].id}"))

    assert "The order is shipped; its labels are printed from compounding until it leaves." in page
    assert "Make anew The label cannot be made anew: the order is shipped." in page


def test_the_typeface_of_labels_is_given_to_whoever_is_signed_in(tess: Console) -> None:
    assert tess.get("/typeface/regular.ttf").data[:4] == b"\x00\x01\x00\x00"
