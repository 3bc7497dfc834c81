"""Due work is leased and handed on; a lease that runs out makes it due again."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from local.waiting import until
from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.actors import CLOCKWORK
from pharmacy.domain.orders import OrderStatus
from pharmacy.store import heartbeat, notices, outbox
from pharmacy.store.notices import LEASE as NOTICE_LEASE
from pharmacy.store.notices import Notice
from pharmacy.store.outbox import LEASE, MOST_ATTEMPTS, Message
from pharmacy.usecases.each_apart import DeliveriesFailed, each_apart
from pharmacy.usecases.make_label import make_proofs
from pharmacy.usecases.relay_outbox import NOTICE_TOPIC, relay_notices, relay_outbox
from tests.books import MORNING, Clock
from tests.rows import somebody_waits
from tests.work import Work

Sent = list[tuple[str, list[str]]]


def relay(work: Work) -> Sent:
    """One round of the relay: what it handed on."""
    sent: Sent = []
    relay_outbox(work.sessions, lambda *each: sent.append(each), by=CLOCKWORK, now=work.pharmacy.clock())
    return [(topic, sorted(ids)) for topic, ids in sent]


def sweep(work: Work) -> Sent:
    """One round of the sweep of notices."""
    sent: Sent = []
    relay_notices(work.sessions, lambda *each: sent.append(each), by=CLOCKWORK, now=work.pharmacy.clock())
    return [(topic, sorted(ids)) for topic, ids in sent]


def test_waiting_messages_are_handed_on_by_topic_as_ids_and_nothing_else(work: Work) -> None:
    work.submit()
    work.submit()
    waiting = work.messages("order.received")

    assert relay(work) == [("order.received", sorted(str(each) for each in waiting))]


def test_what_is_leased_is_not_handed_on_before_the_lease_runs_out(work: Work, clock: Clock) -> None:
    work.submit()
    first = relay(work)

    clock.now += LEASE
    assert relay(work) == []
    clock.now += timedelta(seconds=1)

    assert relay(work) == first


def test_a_delivered_message_is_never_handed_on_again(work: Work, clock: Clock) -> None:
    work.submit()
    work.carry_out()
    clock.now += timedelta(days=1)

    assert relay(work) == []


def unreachable(topic: str, ids: list[str]) -> None:
    """The broker is gone."""
    raise ConnectionError


def test_a_broker_that_cannot_be_reached_takes_no_lease(work: Work) -> None:
    work.submit()

    for _ in range(MOST_ATTEMPTS + 1):
        with pytest.raises(ConnectionError):
            relay_outbox(work.sessions, unreachable, by=CLOCKWORK, now=MORNING)

    assert len(relay(work)) == 1


def test_a_broker_that_fails_midway_keeps_what_it_was_handed(work: Work) -> None:
    work.submit()
    (proofs,) = work.messages("order.received")
    make_proofs(work.sessions, proofs, work.pharmacy.imprint, by=CLOCKWORK, now=MORNING)
    work.submit()
    handed: list[str] = []

    def failing(topic: str, ids: list[str]) -> None:
        if handed:
            raise ConnectionError
        handed.append(topic)

    with pytest.raises(ConnectionError):
        relay_outbox(work.sessions, failing, by=CLOCKWORK, now=MORNING)

    (left,) = relay(work)
    assert {left[0], *handed} == {"order.received", "label.requested"}


def test_a_broker_that_cannot_be_reached_leases_no_notice(work: Work) -> None:
    work.bring_to(OrderStatus.SHIPPED)

    with pytest.raises(ConnectionError):
        relay_notices(work.sessions, unreachable, by=CLOCKWORK, now=MORNING)

    assert len(sweep(work)) == 1


def test_a_message_that_nobody_delivers_is_given_up_with_its_reason(work: Work, clock: Clock) -> None:
    work.submit()

    rounds = []
    for _ in range(MOST_ATTEMPTS + 2):
        rounds.append(len(relay(work)))
        clock.now += LEASE + timedelta(seconds=1)

    assert rounds == [1] * MOST_ATTEMPTS + [0, 0]
    with work.sessions.read() as session:
        message = session.scalars(select(Message)).one()
        assert outbox.waiting(session) == 0
    assert message.failure == "given up after 20 attempts"
    assert message.failed_at is not None


def test_what_is_handed_on_is_free_for_whoever_carries_it_out(committed: Pharmacy) -> None:
    work = Work(committed)
    order_id = work.submit()

    def deliver_at_once(topic: str, ids: list[str]) -> None:
        for each in ids:
            make_proofs(committed.sessions, UUID(each), committed.imprint, by=CLOCKWORK, now=MORNING)

    relay_outbox(committed.sessions, deliver_at_once, by=CLOCKWORK, now=MORNING)

    assert work.messages("order.received") == []
    assert len(work.labels(order_id)) == 3


@pytest.mark.parametrize("of", ["outbox", "notices"])
def test_a_delivery_waits_for_whoever_holds_its_row_for_a_moment(
    committed: Pharmacy, engine: Engine, of: str
) -> None:
    work = Work(committed)
    order_id = work.bring_to(OrderStatus.SHIPPED)
    work.submit()
    look: Callable[[Session, UUID], Message | Notice | None] = (
        outbox.get_undelivered if of == "outbox" else notices.get_waiting_for_update
    )
    row_id = work.messages("order.received")[0] if of == "outbox" else work.notices(order_id)[0].id
    found: list[object] = []

    def deliver() -> None:
        with committed.sessions.write() as session:
            found.append(look(session, row_id))

    with committed.sessions.write() as holding:
        assert look(holding, row_id)
        delivery = Thread(target=deliver)
        delivery.start()
        until(lambda: found or somebody_waits(engine), 5, "the delivery")
    delivery.join(10)

    assert [bool(each) for each in found] == [True]


def test_every_round_leaves_a_heartbeat(work: Work) -> None:
    relay(work)
    sweep(work)

    with work.sessions.read() as session:
        assert heartbeat.last(session, "relay") == MORNING
        assert heartbeat.last(session, "notices") == MORNING


def test_two_relays_at_once_hand_on_no_message_twice(committed: Pharmacy, engine: Engine) -> None:
    work = Work(committed)
    for _ in range(4):
        work.submit()

    with committed.sessions.write() as one, committed.sessions.write() as other:
        first = outbox.lease_due(one, now=MORNING, most=2)
        second = outbox.lease_due(other, now=MORNING, most=10)

    leased = [message for message, _ in (*first, *second)]
    assert (len(first), len(second), len(set(leased))) == (2, 2, 4)


def test_a_notice_is_swept_when_it_is_due_and_not_before(work: Work, clock: Clock) -> None:
    order_id = work.bring_to(OrderStatus.SHIPPED)
    shipped, check_in, *_ = work.notices(order_id)

    assert sweep(work) == [(NOTICE_TOPIC, [str(shipped.id)])]
    assert sweep(work) == []
    clock.now = check_in.due_at - timedelta(seconds=1)
    assert sweep(work) == [(NOTICE_TOPIC, [str(shipped.id)])]  # Its lease ran out; nobody delivered it.
    clock.now += NOTICE_LEASE + timedelta(seconds=1)
    assert sweep(work) == [(NOTICE_TOPIC, sorted([str(shipped.id), str(check_in.id)]))]


def test_one_delivery_that_fails_spoils_no_other() -> None:
    ids = [str(UUID(int=number)) for number in range(3)]
    tried: list[UUID] = []

    def deliver(each: UUID) -> None:
        tried.append(each)
        if each == UUID(int=1):
            raise RuntimeError

    with pytest.raises(DeliveriesFailed, match="1 deliveries failed: RuntimeError in deliver"):
        each_apart(ids, deliver, ends=())

    assert len(tried) == 3


def test_a_submission_leaves_one_message_that_names_the_order(work: Work) -> None:
    order_id = work.submit()

    with work.sessions.read() as session:
        message = session.scalars(select(Message)).one()
    assert (message.topic, message.subject_id, message.attempts) == ("order.received", order_id, 0)
