"""The catalogue of events is whole."""

from pharmacy.domain.events import MEANINGS, EventKind, of_status
from pharmacy.domain.orders import OrderStatus


def test_every_type_of_event_says_what_it_means() -> None:
    assert set(MEANINGS) == set(EventKind)
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())


def test_every_state_of_an_order_has_its_event() -> None:
    assert {of_status(status) for status in OrderStatus} <= set(EventKind)
