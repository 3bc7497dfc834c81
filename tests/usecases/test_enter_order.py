"""An order from paper: two people read its dose, and only when they agree is it an order like any other."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from pharmacy.domain.double_entry import Channel, Dose, SecondIsTheFirst
from pharmacy.domain.errors import PharmacyError, Unfit
from pharmacy.domain.orders import OrderStatus, Role
from pharmacy.domain.pictures import NotAPicture, PictureTooLarge
from pharmacy.store import audit, order_entries, tasks
from pharmacy.store.order_entries import EntryState, OrderEntry
from pharmacy.usecases.act_on_order import SomebodyElseWasFaster
from pharmacy.usecases.enter_order import (
    Entered,
    EntryClosed,
    NewEntry,
    NothingEnteredYet,
    PictureMissing,
    ReadBackLater,
    ReadBackMissing,
    Typed,
    enter_again,
    enter_whole,
    open_entry,
    set_aside,
)
from pharmacy.web.api.input_schemas import OrderInput
from tests.books import MORNING, row_counts
from tests.builders import GONE, a_plan, an_order
from tests.rows import demo_client
from tests.work import Work

FAX = b"%PDF-1.7\nfax of Friday"
TECHNICIAN, PHARMACIST = Role.TECHNICIAN, Role.PHARMACIST


def begun(work: Work, channel: Channel = Channel.FAX, **fields: Any) -> UUID:
    with work.sessions.write() as session:
        practice_id = demo_client(session).practice_id
        new = NewEntry(
            **{
                "practice_id": practice_id, "channel": channel, "caller": "Rosa, (555) 010-0101",
                "picture": FAX, **fields,
            }
        )  # fmt: skip
        by = work.member_in(session, TECHNICIAN)
        return open_entry(session, new, work.reference(session), by=by, now=work.pharmacy.clock()).id


def typed(work: Work, entry_id: UUID, role: Role, body: Mapping[str, Any], **fields: Any) -> Entered:
    """Somebody types that: the whole order the first time, the dose the second."""
    submission = OrderInput().load(body)
    with work.sessions.write() as session:
        entry = order_entries.get(session, entry_id)
        is_first = entry.form is None
        what = Typed(
            **{
                "entry_id": entry_id,
                "seen_version": entry.version,
                "form": body if is_first else entry.form,
                "submission": submission if is_first else OrderInput().load(entry.form or {}),
                "dose": Dose(plan=submission.supply.plan, days=submission.supply.days),
                **fields,
            }
        )
        enter = enter_whole if is_first else enter_again
        return enter(
            session,
            what,
            work.reference(session),
            by=work.member_in(session, role),
            now=work.pharmacy.clock(),
        )


def entry_of(work: Work, entry_id: UUID) -> OrderEntry:
    with work.sessions.read() as session:
        return order_entries.get(session, entry_id)


def test_two_people_who_read_the_same_make_an_order_that_is_checked_like_any_other(work: Work) -> None:
    entry_id = begun(work)
    body = an_order({"/opioid_last_14_days": GONE})
    assert typed(work, entry_id, TECHNICIAN, body).entry.state is EntryState.ENTERED_ONCE

    typed(work, entry_id, PHARMACIST, body)

    entry = entry_of(work, entry_id)
    assert entry.state is EntryState.SUBMITTED
    assert entry.order_id is not None
    order = work.order(entry.order_id)
    # What is missing is asked for, as at the API.
    assert order.status is OrderStatus.CLARIFICATION
    assert [finding.code for finding in order.findings][:1] == ["C-OPIOID-ANSWER"]
    assert order.practice_id == entry.practice_id
    with work.sessions.read() as session:
        assert not tasks.is_open(session, "order.enter", entry_id)
        told = [each.action for each in audit.of_subject(session, entry_id)]
        picture = order_entries.picture_of(session, entry_id)
        assert audit.of_subject(session, order.id)[0].actor_id == work.member(PHARMACIST).id
    assert told == ["order_entry.opened", "order_entry.read", "order_entry.read", "order_entry.submitted"]
    assert picture is not None
    assert (picture.content, picture.sha256) == (FAX, hashlib.sha256(FAX).hexdigest())


def test_two_people_who_read_different_numbers_make_no_order_until_one_reads_again(work: Work) -> None:
    entry_id = begun(work)
    slipped = an_order(plan=a_plan(("1.5", 7), ("3", 7), ("45", 16)))
    typed(work, entry_id, TECHNICIAN, an_order())
    right = OrderInput().load(an_order()).supply
    slip = OrderInput().load(slipped).supply

    found = typed(work, entry_id, PHARMACIST, an_order(), dose=Dose(plan=slip.plan, days=slip.days))

    assert [(each.step, each.first, each.second) for each in found.differences] == [(3, "4.5 mg", "45 mg")]
    assert entry_of(work, entry_id).state is EntryState.DIFFERS
    assert entry_of(work, entry_id).order_id is None
    typed(work, entry_id, PHARMACIST, an_order(), dose=Dose(plan=right.plan, days=right.days))
    assert entry_of(work, entry_id).state is EntryState.SUBMITTED


def test_nobody_checks_themselves_and_nobody_is_second_before_the_first(work: Work) -> None:
    entry_id = begun(work)
    submission = OrderInput().load(an_order())
    dose = Dose(plan=submission.supply.plan, days=submission.supply.days)
    what = Typed(entry_id=entry_id, seen_version=1, form={}, submission=submission, dose=dose)
    with work.sessions.write() as session:
        reference, by = work.reference(session), work.member_in(session, PHARMACIST)
        with pytest.raises(NothingEnteredYet):
            enter_again(session, what, reference, by=by, now=work.pharmacy.clock())
    typed(work, entry_id, TECHNICIAN, an_order())

    with pytest.raises(SecondIsTheFirst):
        typed(work, entry_id, TECHNICIAN, an_order())

    assert entry_of(work, entry_id).state is EntryState.ENTERED_ONCE


def test_whoever_types_on_a_stale_page_is_told_and_an_entry_that_ended_takes_nothing(work: Work) -> None:
    entry_id = begun(work)
    with pytest.raises(SomebodyElseWasFaster):
        typed(work, entry_id, TECHNICIAN, an_order(), seen_version=7)
    with work.sessions.write() as session:
        by = work.member_in(session, TECHNICIAN)
        set_aside(session, entry_id, 1, "sent to the wrong pharmacy", by=by, now=work.pharmacy.clock())

    with pytest.raises(EntryClosed, match="set aside already"):
        typed(work, entry_id, TECHNICIAN, an_order())


@pytest.mark.parametrize(
    ("channel", "fields", "refusal"),
    [
        (Channel.FAX, {"picture": b""}, PictureMissing),
        (Channel.PAPER, {"picture": b"<html>"}, NotAPicture),
        (Channel.E_PRESCRIPTION, {"picture": FAX.ljust(4_000_001)}, PictureTooLarge),
        (Channel.PHONE, {"picture": b""}, ReadBackMissing),
        (Channel.PHONE, {"read_back_to": "Rosa"}, ReadBackMissing),
        (Channel.PHONE, {"read_back_to": "Rosa", "read_back_at": MORNING.replace(year=2027)}, ReadBackLater),
    ],
)
def test_an_entry_without_its_sheet_or_its_read_back_is_not_opened(
    work: Work, connection: Connection, channel: Channel, fields: dict[str, Any], refusal: type[PharmacyError]
) -> None:
    before = row_counts(connection)

    with pytest.raises(refusal):
        begun(work, channel, **fields)

    assert row_counts(connection) == before


def test_a_call_that_was_read_back_needs_no_sheet(work: Work) -> None:
    entry_id = begun(work, Channel.PHONE, picture=b"", read_back_to="Rosa", read_back_at=MORNING)

    entry = entry_of(work, entry_id)

    assert (entry.read_back_to, entry.read_back_at) == ("Rosa", MORNING)


def test_what_may_not_be_filed_leaves_the_entry_as_it_was(work: Work) -> None:
    entry_id = begun(work)
    abroad = an_order({"/patient/address/state": "AK"})
    typed(work, entry_id, TECHNICIAN, abroad)

    with pytest.raises(Unfit, match="no licence"):
        typed(work, entry_id, PHARMACIST, abroad)

    assert entry_of(work, entry_id).state is EntryState.ENTERED_ONCE
