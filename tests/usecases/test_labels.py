"""A label is asked for once, drawn once, and says why when it cannot be drawn."""

from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import select, update

from pharmacy.domain.labels import LabelContent
from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store import labels, outbox
from pharmacy.store.labels import Label, LabelKind
from pharmacy.store.outbox import Message
from pharmacy.usecases.act_on_order import ActNotOpen
from pharmacy.usecases.make_label import make_proofs
from pharmacy.usecases.ports import LabelDoesNotFit
from pharmacy.usecases.request_labels import SUPERSEDED
from tests.books import MORNING
from tests.builders import a_plan, an_order
from tests.work import Work


@dataclass
class RendererThatCounts:
    """Draws a stroke for each call; no two drawings are alike."""

    template_version: str = "strokes-1"
    drawn: list[LabelContent] = field(default_factory=list)

    def render(self, content: LabelContent, barcode: str | None) -> bytes:
        self.drawn.append(content)
        return b"%PDF-" + b"|" * len(self.drawn)


class RendererWithoutRoom:
    template_version = "too-small-1"

    def render(self, content: LabelContent, barcode: str | None) -> bytes:
        raise LabelDoesNotFit("patient")


def test_every_vial_of_a_new_order_gets_a_proof(work: Work) -> None:
    order_id = work.submit()
    work.carry_out()

    proofs = work.labels(order_id)

    assert [label.kind for label in proofs] == [LabelKind.PROOF] * 3
    assert all(label.barcode is None and label.content["is_proof"] for label in proofs)
    assert all(label.made_at == MORNING for label in proofs)
    assert [label.content["step_text"] for label in proofs] == [
        "Step 1 of 3, days 1 to 7",
        "Step 2 of 3, days 8 to 14",
        "Step 3 of 3, days 15 to 30",
    ]


def test_an_order_that_was_cancelled_meanwhile_needs_no_proofs(work: Work) -> None:
    order_id = work.submit()
    [message] = work.messages("order.received")
    work.act(order_id, Act.CANCEL, reason="withdrawn by the prescriber")

    make_proofs(work.sessions, message, work.pharmacy.imprint, by=work.pharmacy.clockwork, now=MORNING)

    assert work.labels(order_id) == []
    assert work.messages("order.received") == []


def test_a_message_delivered_twice_asks_for_one_set_of_proofs(work: Work) -> None:
    order_id = work.submit()
    (message,) = work.messages("order.received")

    for _ in range(2):
        make_proofs(work.sessions, message, work.pharmacy.imprint, by=work.pharmacy.clockwork, now=MORNING)

    assert len(work.labels(order_id)) == 3
    assert len(work.messages("label.requested")) == 3


def test_a_label_asked_for_twice_is_drawn_and_kept_once(work: Work) -> None:
    order_id = work.submit()
    renderer = RendererThatCounts()
    work.carry_out(renderer)
    first = [(label.id, label.pdf, label.sha256) for label in work.labels(order_id)]
    with work.sessions.read() as session:
        messages = session.scalars(select(Message.id).where(Message.topic == "label.requested")).all()

    for message in messages:
        work.draw(message, renderer)

    assert len(renderer.drawn) == 3
    assert [(label.id, label.pdf, label.sha256) for label in work.labels(order_id)] == first
    assert all(sha256(pdf or b"").hexdigest() == kept for _, pdf, kept in first)


def test_two_workers_with_the_same_message_leave_one_drawing(work: Work) -> None:
    order_id = work.submit()
    (message,) = work.messages("order.received")
    make_proofs(work.sessions, message, work.pharmacy.imprint, by=work.pharmacy.clockwork, now=MORNING)
    (message, *_) = work.messages("label.requested")
    other = RendererThatCounts(template_version="the other worker's")

    class Overtaken(RendererThatCounts):
        """While it draws, another worker finishes the same label."""

        def render(self, content: LabelContent, barcode: str | None) -> bytes:
            work.draw(message, other)
            return super().render(content, barcode)

    work.draw(message, Overtaken())

    versions = [label.template_version for label in work.labels(order_id) if label.made_at]
    assert versions == ["the other worker's"]


def test_a_label_that_cannot_be_drawn_is_given_up_with_the_reason(work: Work) -> None:
    order_id = work.submit()
    work.carry_out(RendererWithoutRoom())

    labels = work.labels(order_id)
    with work.sessions.read() as session:
        failures = outbox.failures_about(session, [label.id for label in labels])
    assert set(failures.values()) == {"The label has no room for patient in readable type."}
    assert len(failures) == 3
    assert work.messages("label.requested") == []
    assert all(label.made_at is None for label in labels)


def test_a_name_that_the_typeface_cannot_show_keeps_the_order_from_being_labelled(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    with work.sessions.write() as session:
        for label in labels.unmade_of_order(session, order_id):
            label.content = {**label.content, "patient": "\u5c71\u7530 Hanako"}
    work.carry_out()

    with work.sessions.read() as session:
        failures = outbox.failures_about(session, [label.id for label in work.labels(order_id)])
    assert set(failures.values()) == {"The label cannot show the character U+5C71 in patient."}
    with pytest.raises(ActNotOpen, match=r"A label cannot be drawn: .* U\+5C71 in patient"):
        work.act(order_id, Act.FINISH_LABELLING)


def test_dispensing_labels_take_the_place_of_the_proofs(work: Work) -> None:
    order_id = work.submit()
    work.carry_out()
    for act in (Act.START_REVIEW, Act.APPROVE, Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
        work.act(order_id, act)
    work.carry_out()

    labels = work.labels(order_id)
    proofs = [label for label in labels if label.kind is LabelKind.PROOF]
    dispensing = [label for label in labels if label.kind is LabelKind.DISPENSING]
    assert {label.void_reason for label in proofs} == {SUPERSEDED}
    assert len(dispensing) == 3
    for label in dispensing:
        assert label.voided_at is None
        assert label.barcode is not None
        assert work.pharmacy.imprint.codes.is_genuine(label.barcode)
        assert label.content["lot"]
        assert label.content["beyond_use"]
    assert len({label.barcode for label in dispensing}) == 3


def _forget_the_drawing(work: Work, message_id: UUID, label_id: UUID) -> None:
    """As though a worker had not come to it before the label was void."""
    nothing = {"made_at": None, "pdf": None, "sha256": None, "template_version": None}
    with work.sessions.write() as session:
        session.execute(update(Message).where(Message.id == message_id).values(delivered_at=None))
        session.execute(update(Label).where(Label.id == label_id).values(**nothing))


def test_a_proof_is_not_drawn_once_the_dispensing_label_took_its_place(work: Work) -> None:
    order_id = work.submit()
    (message,) = work.messages("order.received")
    make_proofs(work.sessions, message, work.pharmacy.imprint, by=work.pharmacy.clockwork, now=MORNING)
    (late, *_) = work.messages("label.requested")
    work.carry_out()
    for act in (Act.START_REVIEW, Act.APPROVE, Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
        work.act(order_id, act)
    (void, *_) = [label for label in work.labels(order_id) if label.kind is LabelKind.PROOF]
    _forget_the_drawing(work, late, void.id)

    work.draw(late)

    made = {label.id for label in work.labels(order_id) if label.made_at is not None}
    assert void.id not in made


def test_proofs_asked_for_after_compounding_find_living_labels_and_ask_for_none(work: Work) -> None:
    order_id = work.submit()
    (late,) = work.messages("order.received")
    work.carry_out()
    for act in (Act.START_REVIEW, Act.APPROVE, Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
        work.act(order_id, act)

    with work.sessions.write() as session:
        session.execute(update(Message).where(Message.id == late).values(delivered_at=None))
    make_proofs(work.sessions, late, work.pharmacy.imprint, by=work.pharmacy.clockwork, now=MORNING)

    living = {label.kind for label in work.labels(order_id) if label.voided_at is None}
    assert living == {LabelKind.DISPENSING}
    assert len(work.labels(order_id)) == 6


def test_labels_of_one_order_never_mix_mg_and_mcg(work: Work) -> None:
    order_id = work.submit(an_order(plan=a_plan(("0.05", 7), ("0.5", 7), ("1.5", 16))))
    work.carry_out()

    assert sorted(label.content["drug_and_strength"] for label in work.labels(order_id)) == [
        "naltrexone 1,500 mcg capsule",
        "naltrexone 50 mcg capsule",
        "naltrexone 500 mcg capsule",
    ]
