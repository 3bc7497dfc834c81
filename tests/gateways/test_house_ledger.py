"""The embedded payment provider: once for each key, and as strict as a provider is."""

from datetime import timedelta
from uuid import UUID

import pytest

from pharmacy.domain.money import Money
from pharmacy.domain.payments import OperationKind, PaymentMethod
from pharmacy.gateways.house_ledger import HouseLedger
from pharmacy.store.base import new_id
from pharmacy.store.sessions import Sessions
from pharmacy.usecases.ports import PaymentAsked, Uncertain, Unreachable
from tests.books import Clock


@pytest.fixture
def ledger(sessions: Sessions, clock: Clock) -> HouseLedger:
    return HouseLedger(sessions, clock)


def asked(account: UUID, kind: OperationKind, cents: int = 6545, reference: str = "") -> PaymentAsked:
    return PaymentAsked(
        key=new_id(),
        account=account,
        kind=kind,
        amount=Money(cents),
        method=PaymentMethod.TERMINAL_SLIP,
        payer_reference=reference,
    )


def test_the_same_key_is_answered_as_before_and_entered_once(ledger: HouseLedger) -> None:
    account = new_id()
    ledger.ask(asked(account, OperationKind.AUTHORISE))
    capture = asked(account, OperationKind.CAPTURE)

    first = ledger.ask(capture)

    assert first.refusal is None
    assert ledger.ask(capture) == ledger.look_up(capture.key) == first
    assert ledger.ask(asked(account, OperationKind.CAPTURE)).refusal == "MoreThanAuthorised"


def test_it_refuses_what_a_provider_refuses(ledger: HouseLedger, clock: Clock) -> None:
    account = new_id()
    assert ledger.ask(asked(account, OperationKind.CAPTURE)).refusal == "NothingAuthorised"
    held = ledger.ask(asked(account, OperationKind.AUTHORISE))
    assert held.lapses_at == clock.now + timedelta(days=7)
    assert ledger.ask(asked(account, OperationKind.CAPTURE, 6546)).refusal == "MoreThanAuthorised"
    assert ledger.ask(asked(account, OperationKind.REFUND, 1)).refusal == "MoreThanCaptured"

    clock.now += timedelta(days=7)

    assert ledger.ask(asked(account, OperationKind.CAPTURE)).refusal == "NothingAuthorised"
    assert ledger.ask(asked(account, OperationKind.AUTHORISE)).refusal is None
    assert ledger.ask(asked(account, OperationKind.CAPTURE)).refusal is None


@pytest.mark.parametrize("kind", list(OperationKind))
def test_a_silent_ledger_has_done_it_and_says_so_when_it_is_looked_up(
    ledger: HouseLedger, kind: OperationKind
) -> None:
    account = new_id()
    if kind is not OperationKind.AUTHORISE:
        ledger.ask(asked(account, OperationKind.AUTHORISE))
    if kind is OperationKind.REFUND:
        ledger.ask(asked(account, OperationKind.CAPTURE))
    silent = asked(account, kind, reference=f"TEST-SILENT-{kind.upper()}")

    with pytest.raises(Uncertain):
        ledger.ask(silent)

    found = ledger.look_up(silent.key)
    assert found is not None
    assert found.refusal is None


@pytest.mark.parametrize("kind", list(OperationKind))
def test_it_declines_or_is_not_reached_for_whoever_pays_with_a_test_reference(
    ledger: HouseLedger, kind: OperationKind
) -> None:
    unreached = asked(new_id(), kind, reference=f"test-unreachable-{kind}")

    with pytest.raises(Unreachable):
        ledger.ask(unreached)

    assert ledger.look_up(unreached.key) is None
    assert ledger.ask(asked(new_id(), kind, reference=f"TEST-DECLINE-{kind.upper()}")).refusal == "declined"
