"""Whoever edits the audit trail is found, be it as the owner of the database with every guard set aside."""

import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, text

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Act
from pharmacy.domain.seals import Fault, TrailReport, head_of
from pharmacy.gateways.head_file import HeadFile
from pharmacy.store import audit
from pharmacy.store.base import new_id
from pharmacy.usecases.seal_audit import seal_audit
from pharmacy.usecases.verify_audit import verify_audit
from tests.books import AUDIT_KEY
from tests.work import Work

ENTRIES = 50
TRIES = 10
# Which places are tried; another seed tries others.
SEED = 20261124


@pytest.fixture
def trail(committed: Pharmacy, engine: Engine) -> "Trail":
    """A trail of ENTRIES entries under five seals."""
    return Trail(committed, engine)


class Trail:
    """A sealed trail, and a hand that may write past every guard."""

    def __init__(self, pharmacy: Pharmacy, engine: Engine) -> None:
        self.pharmacy, self.engine = pharmacy, engine
        self.subject = new_id()
        for _ in range(5):
            self.write(ENTRIES // 5)
            self.seal()

    def write(self, entries: int) -> None:
        by, now = self.pharmacy.clockwork, self.pharmacy.clock()
        with self.pharmacy.sessions.write() as session:
            for number in range(entries):
                audit.record(session, "thing.done", self.subject, by=by, at=now, number=number)

    def seal(self) -> int:
        pharmacy = self.pharmacy
        return seal_audit(pharmacy.sessions, pharmacy.notary, by=pharmacy.clockwork, now=pharmacy.clock())

    def report(self) -> TrailReport:
        pharmacy = self.pharmacy
        return verify_audit(pharmacy.sessions, pharmacy.notary, by=pharmacy.clockwork, now=pharmacy.clock())

    def faults(self) -> set[Fault]:
        return {finding.fault for finding in self.report().faults}

    @contextmanager
    def unguarded(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection

    def ids(self) -> list[UUID]:
        """The sealed entries in the order of the trail."""
        query = text("SELECT audit_id FROM audit_positions ORDER BY seal_number, position")
        with self.engine.connect() as connection:
            return list(connection.scalars(query))


def places(trail: Trail) -> list[UUID]:
    """Ten entries of the trail, by chance, the first and the last among them."""
    ids = trail.ids()
    return [ids[0], ids[-1], *random.Random(SEED).sample(ids[1:-1], TRIES - 2)]


def test_a_trail_that_nobody_touched_is_whole(trail: Trail) -> None:
    sealed = len(trail.ids())

    report = trail.report()

    assert sealed >= ENTRIES
    assert report.is_whole, report.faults
    assert (report.entries, report.seals, report.unsealed) == (sealed, 5, 0)


EDITS = {
    "what was done": "UPDATE audit SET action = 'thing.undone' WHERE id = :id",
    "who did it": "UPDATE audit SET actor_name = 'nobody' WHERE id = :id",
    "when": "UPDATE audit SET at = at - interval '1 microsecond' WHERE id = :id",
    "the detail": "UPDATE audit SET detail = detail || '{\"number\": 7000}' WHERE id = :id",
    "the digest": "UPDATE audit SET digest = sha256(digest) WHERE id = :id",
    "nothing is left": "DELETE FROM audit WHERE id = :id",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_or_removed_entry_is_named(trail: Trail, edit: str) -> None:
    for place in places(trail):
        with trail.engine.begin() as undone:
            kept = undone.execute(text("SELECT * FROM audit WHERE id = :id"), {"id": place}).mappings().one()
        with trail.unguarded() as connection:
            connection.execute(text(edit), {"id": place})

        first = trail.report().faults[0]

        assert first.fault in {Fault.ENTRY_EDITED, Fault.ENTRY_MISSING}
        assert first.subject_id == place
        _put_back(trail, kept)
    assert trail.report().is_whole


def _put_back(trail: Trail, kept: object) -> None:
    with trail.unguarded() as connection:
        row = dict(kept)  # type: ignore[call-overload]  # A mapping of one row.
        connection.execute(text("DELETE FROM audit WHERE id = :id"), {"id": row["id"]})
        audit_table = audit.AuditEntry.__table__
        connection.execute(audit_table.insert(), row)


def test_an_entry_that_was_slipped_in_is_named_even_with_a_copied_digest(trail: Trail) -> None:
    for place in places(trail):
        slipped = uuid4()
        copied = text(
            "INSERT INTO audit SELECT :new, at, actor_kind, actor_id, actor_name, action, subject_id, detail,"
            " digest FROM audit WHERE id = :id"
        )
        with trail.unguarded() as connection:
            connection.execute(copied, {"new": slipped, "id": place})

        assert (Fault.ENTRY_EDITED, slipped) in {
            (finding.fault, finding.subject_id) for finding in trail.report().faults
        }


def test_two_entries_that_changed_places_are_found(trail: Trail) -> None:
    ids = trail.ids()
    for first in random.Random(SEED).sample(range(ENTRIES - 1), TRIES):
        swap = text(
            "UPDATE audit_positions SET audit_id = CASE audit_id WHEN :a THEN :b ELSE :a END"
            " WHERE audit_id IN (:a, :b)"
        )
        with trail.unguarded() as connection:
            connection.execute(text("ALTER TABLE audit_positions DROP CONSTRAINT pk_audit_positions"))
            connection.execute(swap, {"a": ids[first], "b": ids[first + 1]})
            connection.execute(
                text("ALTER TABLE audit_positions ADD CONSTRAINT pk_audit_positions PRIMARY KEY (audit_id)")
            )

        assert Fault.HEAD_WRONG in trail.faults()

        with trail.unguarded() as connection:
            connection.execute(text("ALTER TABLE audit_positions DROP CONSTRAINT pk_audit_positions"))
            connection.execute(swap, {"a": ids[first], "b": ids[first + 1]})
            connection.execute(
                text("ALTER TABLE audit_positions ADD CONSTRAINT pk_audit_positions PRIMARY KEY (audit_id)")
            )


@pytest.mark.parametrize("last_kept", range(5))
def test_a_trail_that_was_cut_off_is_found_by_the_copies_outside(trail: Trail, last_kept: int) -> None:
    cut = (
        "DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_positions WHERE seal_number > :kept)",
        "DELETE FROM audit_positions WHERE seal_number > :kept",
        "DELETE FROM audit_seals WHERE number > :kept",
    )
    with trail.unguarded() as connection:
        for statement in cut:
            connection.execute(text(statement), {"kept": last_kept})

    assert Fault.SEAL_MISSING in trail.faults()


def test_a_chain_that_was_made_anew_lacks_the_signature_and_differs_from_the_copies(trail: Trail) -> None:
    removed = places(trail)[2]
    with trail.unguarded() as connection:
        connection.execute(text("DELETE FROM audit WHERE id = :id"), {"id": removed})
        connection.execute(text("DELETE FROM audit_positions WHERE audit_id = :id"), {"id": removed})
        _chained_anew(connection)

    assert trail.faults() == {Fault.SIGNATURE_WRONG, Fault.OUTSIDE_DIFFERS}


def _chained_anew(connection: Connection) -> None:
    previous = bytes(32)
    for number in connection.scalars(text("SELECT number FROM audit_seals ORDER BY number")).all():
        digests = connection.scalars(
            text(
                "SELECT digest FROM audit_positions p JOIN audit a ON a.id = p.audit_id"
                " WHERE seal_number = :number ORDER BY position"
            ),
            {"number": number},
        ).all()
        head = head_of(previous, number, (bytes(digest) for digest in digests))
        connection.execute(
            text(
                "UPDATE audit_seals SET previous_head = :previous, entries = :entries, head = :head,"
                " signature = :signature WHERE number = :number"
            ),
            {
                "previous": previous, "entries": len(digests), "head": head, "number": number,
                "signature": hashlib.sha512(head).digest(),
            },
        )  # fmt: skip
        previous = head


def test_an_order_that_was_moved_behind_the_trail_is_named(committed: Pharmacy, engine: Engine) -> None:
    work = Work(committed)
    order_id, other_id = work.submit(), work.submit()
    work.act(other_id, Act.START_REVIEW)
    trail = Trail(committed, engine)
    assert trail.report().is_whole

    with trail.unguarded() as connection:
        connection.execute(text("UPDATE orders SET status = 'shipped' WHERE id = :id"), {"id": order_id})

    assert [(each.fault, each.subject_id) for each in trail.report().faults] == [
        (Fault.ORDER_MOVED, order_id)
    ]


def test_what_is_not_sealed_yet_is_counted_and_found_when_it_vanishes(trail: Trail) -> None:
    trail.report()  # Leaves an entry of its own, which waits.
    assert trail.report().unsealed == 1

    with trail.unguarded() as connection:
        connection.execute(text("DELETE FROM audit WHERE id IN (SELECT audit_id FROM audit_unsealed)"))

    assert trail.faults() == {Fault.ENTRY_MISSING}


def test_an_entry_that_is_committed_late_is_sealed_though_its_id_is_older(trail: Trail) -> None:
    pharmacy = trail.pharmacy
    with pharmacy.sessions.write() as slow:
        audit.record(slow, "thing.done", trail.subject, by=pharmacy.clockwork, at=pharmacy.clock())
        slow.flush()  # The id is drawn now; the commit comes after the others are sealed.
        trail.write(3)
        assert trail.seal() == 3

    assert trail.seal() == 1
    assert trail.report().is_whole


def test_the_guards_refuse_whoever_does_not_set_them_aside(trail: Trail) -> None:
    refused: list[Callable[[Connection], object]] = [
        lambda connection: connection.execute(text("UPDATE audit_seals SET entries = 1")),
        lambda connection: connection.execute(text("DELETE FROM audit_positions")),
        lambda connection: connection.execute(text("TRUNCATE audit_seals")),
    ]
    for attempt in refused:
        with pytest.raises(Exception, match="never changed or removed"), trail.engine.begin() as connection:
            attempt(connection)


def test_a_head_that_was_not_written_down_in_time_is_written_down_later(trail: Trail, tmp_path: Path) -> None:
    late = HeadFile(AUDIT_KEY, tmp_path / "late.jsonl")
    trail.pharmacy = replace(trail.pharmacy, notary=late)

    trail.seal()

    assert [head.number for head in late.kept()] == [1, 2, 3, 4, 5]
    assert trail.report().is_whole


def test_copies_that_are_gone_are_said(trail: Trail, tmp_path: Path) -> None:
    trail.pharmacy = replace(trail.pharmacy, notary=HeadFile(AUDIT_KEY, tmp_path / "none.jsonl"))

    assert trail.faults() == {Fault.OUTSIDE_MISSING}


def test_seals_of_another_key_are_not_ours(trail: Trail, tmp_path: Path) -> None:
    stranger = HeadFile(b"another key, which somebody else holds", tmp_path / "audit-heads.jsonl")
    trail.pharmacy = replace(trail.pharmacy, notary=stranger)

    assert Fault.SIGNATURE_WRONG in trail.faults()


def test_a_line_that_was_cut_off_or_forged_counts_for_nothing(tmp_path: Path, trail: Trail) -> None:
    path = tmp_path / "audit-heads.jsonl"
    path.write_bytes(path.read_bytes() + b'{"number": 6, "head": "00", "signature": "00"}\n{"number": 7')
    notary = HeadFile(AUDIT_KEY, path)

    assert [head.number for head in notary.kept()] == [1, 2, 3, 4, 5]
    assert trail.report().is_whole
