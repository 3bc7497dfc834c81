"""Two hundred labels are made and printed while everything goes wrong: each is made once and printed once, or visibly
uncertain, and none for a lot that was recalled.

Workers, beat and a printer on its raw port, all of them real. A worker is killed in the middle of making and another
in the middle of a label on its way; the printer hangs up before a label, within one and after one. That a lease has run
out is written into the books: nobody waits.
"""

import re
import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, select, text

from bench.typical import typical_order
from local.environment import Surroundings
from local.servers import Valkey
from local.waiting import until
from pharmacy.domain.labels import LabelTemplate
from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.store.audit import AuditEntry
from pharmacy.store.label_prints import LabelPrint, PrintState
from pharmacy.store.labels import Label, LabelKind
from pharmacy.usecases.request_print import PrintAsked, request_print
from tests.faults.many import at_work, engine_of
from tests.faults.running import PATIENCE, Running, running
from tests.gateways.printed import read
from tests.gateways.printer_servers import QUERY, PrinterServer, printing, status
from tests.gateways.zpl_reader import read_zpl
from tests.work import Work

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ORDERS, STEPS = 10, 20
LABELS = ORDERS * STEPS
HELD_AT, LOOKED_AT = 30, 10
_LIVING = "FROM labels WHERE kind = 'dispensing' AND voided_at IS NULL"
_MADE = f"SELECT count(*) {_LIVING} AND made_at IS NOT NULL"
_SETTLED = "SELECT count(*) FROM label_prints WHERE settled_at IS NOT NULL"
_AT_WORK = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
)
_TRIED_IN_VAIN = (
    "UPDATE outbox SET leased_until = now() - interval '1 second' WHERE delivered_at IS NULL"
    " AND leased_until BETWEEN now() AND now() + interval '28 seconds'"
    " AND subject_id IN (SELECT id FROM label_prints WHERE state = 'waiting' AND attempts > 0)"
)
_BARS = re.compile(rb"\^FD>;(\d{24})\^FS")


@dataclass
class TreacherousPrinter:
    """Prints what it has read to its end, and remembers it. Of twenty callers three are left in the lurch."""

    papers: list[bytes] = field(default_factory=list)
    turn: int = 0
    held: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)

    def __call__(self, line: socket.socket, _: PrinterServer) -> None:
        self.turn += 1
        turn = self.turn % 20
        if not line.recv(len(QUERY)) or turn == 5:
            return
        line.sendall(status())
        heard = b""
        while not heard.endswith(QUERY) and (more := line.recv(100 if turn == 10 else 4096)):
            heard += more
            if turn == 10:
                return
        label = heard.removesuffix(QUERY)
        if not label.endswith(b"^XZ\n"):
            return
        self.papers.append(label)
        if len(self.papers) == HELD_AT:
            self.held.set()
            self.let_go.wait(PATIENCE)
        elif turn:
            line.sendall(status())


@pytest.fixture
def printer() -> TreacherousPrinter:
    return TreacherousPrinter()


@pytest.fixture
def whole(
    surroundings: Surroundings, valkey_server: Valkey, printer: TreacherousPrinter
) -> Iterator[Running]:
    with (
        printing(printer, 10 * PATIENCE) as server,
        running(surroundings, valkey_server, names=()) as pharmacy,
    ):
        pharmacy.more["PHARMACY_LABEL_PRINTERS"] = f"bench=zpl-203+tcp://127.0.0.1:{server.port}"
        yield pharmacy
        printer.let_go.set()


def _of_many_steps() -> dict[str, Any]:
    """Twenty vials: 1.5 and 3 mg by turns, four days each."""
    steps = [{"dose_mg": dose, "time_of_day": "bedtime", "duration_days": 4} for dose in ("1.5", "3")]
    return typical_order(datetime.now(UTC)) | {"plan": {"steps": steps * (STEPS // 2)}, "days": 4 * STEPS}


def _killed(whole: Running) -> None:
    """The worker is gone for longer than its leases on messages and prints, and nothing of it is still being filed."""
    whole.kill("worker")
    until(lambda: whole.count(_AT_WORK) == 0, PATIENCE, "the end of what the worker had begun")
    whole.leases_are_over()
    whole.execute(
        "UPDATE label_prints SET started_at = started_at - interval '2 minutes' WHERE state = 'sending'"
    )


def _asked(work: Work, labels: Sequence[Label], reason: str | None = None) -> dict[UUID, Label]:
    """Each label is to be printed, or once more for that reason; the labels by their prints."""
    who, now, known = work.member(Role.TECHNICIAN), work.pharmacy.clock(), work.pharmacy.print_room.names
    prints = {}
    with work.sessions.write() as session:
        for label in labels:
            asked = PrintAsked(
                label_id=label.id,
                printer="bench",
                template=LabelTemplate.FOUR_BY_TWO,
                known=known,
                reason=reason,
            )
            prints[request_print(session, asked, by=who, now=now).id] = label
    return prints


def _all_settled(watching: Connection, prints: int) -> None:
    def settled() -> bool:
        # What the printer certainly has not is tried again when its lease is over.
        watching.execute(text(_TRIED_IN_VAIN))
        return watching.scalar(text(_SETTLED)) == prints

    until(settled, 2 * PATIENCE, "every print")


def test_two_hundred_labels_are_each_made_once_and_printed_once_or_visibly_uncertain(
    whole: Running, printer: TreacherousPrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = at_work(whole, monkeypatch)
    engine = engine_of(work.pharmacy)
    for _ in range(ORDERS):
        work.bring_to(OrderStatus.COMPOUNDING, _of_many_steps())
    whole.start("beat")
    whole.start("worker")
    until(lambda: whole.count(_MADE) >= LABELS // 3, PATIENCE, "a third of the labels")
    _killed(whole)
    assert whole.count(_MADE) < LABELS, "the kill came when everything was made"
    whole.start("worker")
    until(lambda: whole.count(_MADE) == LABELS and whole.drained(), PATIENCE, "every label")
    assert whole.count(f"SELECT count(DISTINCT vial_id) {_LIVING}") == LABELS
    assert whole.count("SELECT count(*) FROM outbox WHERE failed_at IS NOT NULL") == 0

    with work.sessions.read() as session:
        living = select(Label).where(Label.kind == LabelKind.DISPENSING, Label.voided_at.is_(None))
        labels = session.scalars(living).all()
    # One lot is recalled after its labels were made, and nobody tells whoever prints.
    recalled = labels[0].content["lot"]
    whole.execute("UPDATE batches SET status = 'recalled' WHERE number = %s", recalled)
    of_print = _asked(work, labels)
    assert printer.held.wait(PATIENCE)
    _killed(whole)
    printer.let_go.set()
    whole.start("worker")
    watching = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    _all_settled(watching, LABELS)

    with work.sessions.read() as session:
        states = {each.id: each.state for each in session.scalars(select(LabelPrint))}
    papers = Counter(_BARS.findall(each)[0].decode() for each in printer.papers)
    became = {
        state: {of_print[each].barcode for each, is_so in states.items() if is_so is state}
        for state in PrintState
    }
    printed, uncertain = became[PrintState.PRINTED], became[PrintState.UNCERTAIN]
    assert max(papers.values()) == 1, "no label came out twice"
    assert printed <= set(papers), "whatever counts as printed came out"
    assert set(papers) - printed <= uncertain, "what came out without a word is uncertain"
    assert became[PrintState.FAILED] == {each.barcode for each in labels if each.content["lot"] == recalled}
    assert whole.count("SELECT count(*) FROM tasks WHERE kind = 'label.print_uncertain'") == len(uncertain)
    _papers_say_what_the_books_say(printer.papers, labels)

    again = next(each for each in labels if each.barcode in uncertain)
    (reprint,) = _asked(work, [again], "It did not come out.")
    _all_settled(watching, LABELS + 1)
    watching.close()
    with work.sessions.read() as session:
        row = session.get_one(LabelPrint, reprint)
        asked = select(AuditEntry).where(AuditEntry.action == "label.print_asked")
        said = [each.detail.get("reason") for each in session.scalars(asked)]
    technician = work.member(Role.TECHNICIAN)
    engine.dispose()
    assert (row.state, row.number, row.requested_by) == (PrintState.PRINTED, 1, technician.id)
    assert [each for each in said if each] == ["It did not come out."]
    assert b"REPRINT 1" in printer.papers[-1]
    sys.stdout.write(
        f"{LABELS} labels, {len(papers)} on paper, {len(printed)} printed, {len(uncertain)} uncertain,"
        f" {len(became[PrintState.FAILED])} of a recalled lot refused. ALL INVARIANTS HOLD\n"
    )


def _papers_say_what_the_books_say(papers: Sequence[bytes], labels: Sequence[Label]) -> None:
    """Every paper names its own lot; of some, and of their PDF, a decoder reads the bars and the texts."""
    of_barcode = {each.barcode: each for each in labels}
    for place, paper in enumerate(papers):
        label = of_barcode[_BARS.findall(paper)[0].decode()]
        assert label.content["lot"].encode() in paper
        if place % LOOKED_AT == 0:
            assert label.pdf is not None
            for panel in (*read_zpl(paper, 203), *read(label.pdf)):
                assert panel.barcodes == (label.barcode,)
                for fact in ("lot", "rx_number", "patient", "step_text", "drug_and_strength"):
                    assert label.content[fact].casefold() in panel.flat_text.casefold(), fact
