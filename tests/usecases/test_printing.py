"""A label is printed once; every further copy has a person, a reason and a number; what is untrue is never printed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from sqlalchemy import select, text, update

from pharmacy.domain.actors import Actor
from pharmacy.domain.labels import LabelTemplate
from pharmacy.domain.orders import Act, OrderStatus, Role
from pharmacy.gateways.label_zpl import LabelZpl
from pharmacy.store import label_prints
from pharmacy.store.audit import AuditEntry
from pharmacy.store.label_prints import LEASE, LabelPrint, PrintState
from pharmacy.store.labels import Label, LabelKind
from pharmacy.store.outbox import Message
from pharmacy.store.patients import Patient
from pharmacy.store.tasks import Task
from pharmacy.usecases.label_truth import LabelIsVoid, void_if_untrue, void_label
from pharmacy.usecases.ports import ProofNotPrinted
from pharmacy.usecases.print_label import MOST_TRIES, PrintRoom, Seat, browser_copy, print_label
from pharmacy.usecases.replace_label import LabelNotReplaceable, Replacement, replace_label
from pharmacy.usecases.request_print import (
    BROWSER,
    PRINT_TOPIC,
    AlreadyPrinted,
    NeverPrinted,
    NoSuchPrinter,
    NotAtTheBench,
    PrintAsked,
    ReprintReasonMissing,
    request_print,
)
from tests.fakes import PrinterThatRemembers
from tests.gateways.printed import read
from tests.gateways.zpl_reader import read_zpl
from tests.work import Work

REASON = "The first one was torn."


@dataclass
class Bench:
    """The labels of one order at the bench, and a printer beside them."""

    work: Work
    order_id: UUID
    printer: PrinterThatRemembers

    def labels(self) -> list[Label]:
        return [
            label
            for label in self.work.labels(self.order_id)
            if label.kind is LabelKind.DISPENSING and label.voided_at is None
        ]

    @property
    def label(self) -> Label:
        return self.labels()[0]

    @property
    def person(self) -> Actor:
        return self.work.member(Role.TECHNICIAN)

    @property
    def room(self) -> PrintRoom:
        seats = {"bench": Seat(self.printer, LabelZpl())}
        return PrintRoom(seats=seats, imprint=self.work.pharmacy.imprint)

    def ask(self, label_id: UUID | None = None, **asked: object) -> UUID:
        wanted = PrintAsked(
            **{
                "label_id": label_id or self.label.id,
                "printer": "bench",
                "template": LabelTemplate.FOUR_BY_TWO,
                "known": ("bench",),
                **asked,
            }
        )
        now = self.work.pharmacy.clock()
        with self.work.sessions.write() as session:
            void_if_untrue(session, wanted.label_id, self.room.imprint, by=self.person, now=now)
        with self.work.sessions.write() as session:
            return request_print(session, wanted, by=self.person, now=now).id

    def carry_out(self) -> None:
        """Workers deliver every print that waits."""
        for message in self.work.messages(PRINT_TOPIC):
            self.deliver(message)

    def deliver(self, message: UUID) -> None:
        clock = self.work.pharmacy.clock
        print_label(self.work.sessions, message, self.room, by=self.work.pharmacy.clockwork, now=clock())

    def printed(self, print_id: UUID) -> LabelPrint:
        with self.work.sessions.read() as session:
            return label_prints.get(session, print_id)

    def tasks(self) -> list[str]:
        with self.work.sessions.read() as session:
            return list(session.scalars(select(Task.kind).where(Task.order_id == self.order_id)))


@pytest.fixture
def bench(work: Work) -> Bench:
    order_id = work.bring_to(OrderStatus.COMPOUNDING)
    work.carry_out()
    return Bench(work, order_id, PrinterThatRemembers())


def test_a_label_is_printed_once_and_what_was_printed_is_on_record(bench: Bench) -> None:
    print_id = bench.ask()
    bench.carry_out()

    printed = bench.printed(print_id)
    (job,) = bench.printer.printed
    (panel,) = read_zpl(job.content, 203)
    assert (printed.state, printed.number) == (PrintState.PRINTED, 0)
    assert printed.sha256 == sha256(job.content).hexdigest()
    assert panel.barcodes == (bench.label.barcode,)
    assert bench.label.content["lot"] in panel.flat_text
    assert "REPRINT" not in panel.flat_text
    assert bench.tasks() == []


def test_a_message_delivered_twice_prints_one_label(bench: Bench) -> None:
    bench.ask()
    (message,) = bench.work.messages(PRINT_TOPIC)
    for _ in range(2):
        with bench.work.sessions.write() as session:
            session.execute(update(Message).where(Message.id == message).values(delivered_at=None))
        bench.deliver(message)

    assert len(bench.printer.printed) == 1


def test_a_second_first_print_is_refused(bench: Bench) -> None:
    bench.ask()
    bench.carry_out()

    with pytest.raises(AlreadyPrinted, match="was printed already"):
        bench.ask()


def test_a_reprint_bears_its_number_and_its_reason_is_on_record(bench: Bench) -> None:
    bench.ask()
    reprints = [bench.ask(reason=REASON), bench.ask(reason="The second one smeared.")]
    bench.carry_out()

    marks = [read_zpl(job.content, 203)[0].flat_text for job in bench.printer.printed]
    assert ["REPRINT 1" in mark for mark in marks] == [False, True, False]
    assert "REPRINT 2" in marks[2]
    assert [bench.printed(each).number for each in reprints] == [1, 2]
    with bench.work.sessions.read() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "label.print_asked").order_by(AuditEntry.id)
        ).all()
    assert [entry.detail.get("reason") for entry in entries] == [None, REASON, "The second one smeared."]


@pytest.mark.parametrize("reason", ["", "    ", "x"])
def test_a_reprint_without_a_reason_is_refused(bench: Bench, reason: str) -> None:
    bench.ask()

    with pytest.raises(ReprintReasonMissing) as refusal:
        bench.ask(reason=reason)

    assert refusal.value.where == ("reason",)


def test_nothing_is_reprinted_that_was_never_printed(bench: Bench) -> None:
    with pytest.raises(NeverPrinted):
        bench.ask(reason=REASON)


def test_a_printer_that_drops_after_taking_leaves_the_print_uncertain_and_a_person_looks(
    bench: Bench,
) -> None:
    bench.printer.drops = True
    print_id = bench.ask()
    for _ in range(3):
        bench.carry_out()

    assert bench.printed(print_id).state is PrintState.UNCERTAIN
    assert len(bench.printer.printed) == 1
    assert bench.tasks() == ["label.print_uncertain"]
    with pytest.raises(AlreadyPrinted, match="may have been printed"):
        bench.ask()
    bench.printer.drops = False
    assert bench.printed(bench.ask(reason=REASON)).number == 1


def test_a_worker_that_died_while_sending_leaves_the_print_uncertain(bench: Bench) -> None:
    print_id = bench.ask()
    (message,) = bench.work.messages(PRINT_TOPIC)
    now = bench.work.pharmacy.clock()
    dead = {"state": PrintState.SENDING, "started_at": now - LEASE - timedelta(seconds=1)}
    with bench.work.sessions.write() as session:
        session.execute(update(LabelPrint).where(LabelPrint.id == print_id).values(**dead))

    bench.deliver(message)

    assert bench.printed(print_id).state is PrintState.UNCERTAIN
    assert bench.printer.printed == []


def test_a_print_that_somebody_is_sending_this_minute_is_left_alone(bench: Bench) -> None:
    print_id = bench.ask()
    (message,) = bench.work.messages(PRINT_TOPIC)
    busy = {"state": PrintState.SENDING, "started_at": bench.work.pharmacy.clock()}
    with bench.work.sessions.write() as session:
        session.execute(update(LabelPrint).where(LabelPrint.id == print_id).values(**busy))

    bench.deliver(message)

    assert bench.printed(print_id).state is PrintState.SENDING
    assert bench.work.messages(PRINT_TOPIC) == [message]


def test_a_printer_out_of_reach_is_tried_again_and_then_given_up(bench: Bench) -> None:
    bench.printer.is_away = True
    print_id = bench.ask()
    states = []
    for _ in range(MOST_TRIES):
        bench.carry_out()
        states.append(bench.printed(print_id).state)

    assert states == [PrintState.WAITING] * (MOST_TRIES - 1) + [PrintState.FAILED]
    assert bench.tasks() == ["label.print_failed"]
    bench.printer.is_away = False
    assert bench.printed(bench.ask()).number == 0
    bench.carry_out()
    assert len(bench.printer.printed) == 1


def _rename(bench: Bench, name: str) -> None:
    with bench.work.sessions.write() as session:
        session.execute(update(Patient).values(full_name=name))


def _other_lot(bench: Bench) -> None:
    with bench.work.sessions.write() as session:
        session.execute(text("UPDATE batches SET number = number || 'x' WHERE kind = 'capsules'"))


def _recall(bench: Bench) -> None:
    with bench.work.sessions.write() as session:
        session.execute(text("UPDATE batches SET status = 'recalled' WHERE kind = 'capsules'"))


CHANGES = {
    "the books have changed since: patient": lambda bench: _rename(bench, "Anna Other"),
    "the books have changed since: lot": _other_lot,
    "is recalled": _recall,
}
each_change = pytest.mark.parametrize(("why", "change"), CHANGES.items(), ids=CHANGES.keys())


@each_change
def test_a_label_that_is_no_longer_true_is_void_and_not_printed(
    bench: Bench, why: str, change: Callable[[Bench], None]
) -> None:
    label_id = bench.label.id
    change(bench)

    with pytest.raises(LabelIsVoid, match=why):
        bench.ask(label_id)

    (label,) = [label for label in bench.work.labels(bench.order_id) if label.id == label_id]
    assert label.voided_at is not None
    assert why in (label.void_reason or "")


@each_change
def test_a_change_between_asking_and_printing_stops_the_print(
    bench: Bench, why: str, change: Callable[[Bench], None]
) -> None:
    print_id = bench.ask()
    change(bench)
    bench.carry_out()

    printed = bench.printed(print_id)
    assert printed.state is PrintState.FAILED
    assert why in (printed.detail or "")
    assert bench.printer.printed == []


def test_a_proof_is_printed_nowhere(bench: Bench) -> None:
    order_id = bench.work.submit()
    bench.work.carry_out()
    (proof, *_) = bench.work.labels(order_id)

    with pytest.raises(ProofNotPrinted):
        bench.ask(proof.id)


def test_an_order_that_left_has_its_labels_on_its_vials(bench: Bench) -> None:
    for act in (Act.FINISH_LABELLING, Act.VERIFY, Act.SHIP):
        bench.work.act(bench.order_id, act)

    with pytest.raises(NotAtTheBench):
        bench.ask()


def test_an_unknown_printer_is_refused_and_the_known_ones_are_named(bench: Bench) -> None:
    with pytest.raises(NoSuchPrinter, match="bench, browser"):
        bench.ask(printer="attic")


def test_a_browser_prints_the_numbered_copy(bench: Bench) -> None:
    bench.ask()
    print_id = bench.ask(printer=BROWSER, reason=REASON, template=LabelTemplate.THREE_BY_TWO)

    with bench.work.sessions.read() as session:
        pdf = browser_copy(session, bench.label.id, print_id, bench.work.pharmacy.labels)
    (panel,) = read(pdf)
    assert "REPRINT 1" in panel.flat_text
    assert panel.width == 216


def test_a_label_that_could_not_be_drawn_is_made_once_the_name_is_mended(work: Work) -> None:
    order_id = work.submit()
    _rename_everybody(work, "山田 Hanako")
    work.carry_out()
    (failed, *_) = work.labels(order_id)
    assert failed.made_at is None

    _rename_everybody(work, "Hanako Yamada")
    _replace(work, failed.id)
    work.carry_out()

    (made,) = [label for label in work.labels(order_id) if label.vial_id == failed.vial_id and label.made_at]
    assert made.content["patient"] == "Hanako Yamada"


def test_a_label_of_a_verified_order_is_not_replaced(bench: Bench) -> None:
    label_id = bench.label.id
    for act in (Act.FINISH_LABELLING, Act.VERIFY):
        bench.work.act(bench.order_id, act)

    with pytest.raises(LabelNotReplaceable, match="verified"):
        _replace(bench.work, label_id)


def test_a_void_label_can_be_made_anew_and_then_has_a_first_print_of_its_own(bench: Bench) -> None:
    first = bench.label.id
    bench.ask()
    bench.carry_out()
    with bench.work.sessions.write() as session:
        void_label(
            session, first, "Stuck on the wrong vial.", by=bench.person, now=bench.work.pharmacy.clock()
        )
    again = _replace(bench.work, first)
    bench.work.carry_out()

    assert again != first
    assert bench.printed(bench.ask(again)).number == 0
    with pytest.raises(LabelIsVoid):
        bench.ask(first)


def test_the_purpose_stays_off_the_label_of_a_patient_who_wants_it_off(work: Work) -> None:
    order_id = work.submit()
    with work.sessions.write() as session:
        session.execute(update(Patient).values(purpose_on_label=False))
    work.carry_out()

    assert {label.content["purpose"] for label in work.labels(order_id)} == {None}


def test_a_patient_who_reads_spanish_has_spanish_directions_and_the_pharmacist_english_ones(
    work: Work,
) -> None:
    order_id = work.submit()
    with work.sessions.write() as session:
        session.execute(update(Patient).values(language="es"))
    work.carry_out()

    (content, *_) = [label.content for label in work.labels(order_id)]
    assert content["directions"] == ["Paso 1 de 3, días 1 a 7:", "tome 1 cápsula por la boca al acostarse."]
    assert content["english_directions"] == [
        "Step 1 of 3, days 1 to 7:",
        "take 1 capsule by mouth at bedtime.",
    ]
    assert all(label.made_at for label in work.labels(order_id))


def _rename_everybody(work: Work, name: str) -> None:
    with work.sessions.write() as session:
        session.execute(update(Patient).values(full_name=name))


def _replace(work: Work, label_id: UUID) -> UUID:
    wanted = Replacement(label_id=label_id, reason="The name was mended.")
    by = work.member(Role.PHARMACIST)
    with work.sessions.write() as session:
        made = replace_label(session, wanted, work.pharmacy.imprint, by=by, now=work.pharmacy.clock())
        return made.id
