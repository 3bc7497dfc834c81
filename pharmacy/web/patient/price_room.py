"""The itemised price of one order, and the button that accepts it."""

from __future__ import annotations

from collections.abc import Mapping

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.money import Money
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.page_phrases import PAGES
from pharmacy.domain.pricing import Delivery, LineKind
from pharmacy.store import orders, payments
from pharmacy.store.orders import Order
from pharmacy.store.payments import AcceptedBy
from pharmacy.store.sessions import Session
from pharmacy.usecases.accept_price import (
    Acceptance,
    PriceAcceptedAlready,
    PriceHasChanged,
    PriceNotDue,
    accept_price,
)
from pharmacy.web.current import the_pharmacy
from pharmacy.web.patient.blueprint import Visit, page


def show(session: Session, visit: Visit) -> str:
    """The lines, the total, and what happens when they are accepted."""
    order = orders.get(session, visit.link.subject_id)
    if payments.acceptance_of(session, order.id, order.total_cents) is not None:
        return _accepted(order, visit)
    return _page(order, visit)


def act(session: Session, visit: Visit, form: Mapping[str, str], by: Actor) -> str:
    """The price that was shown is accepted. Another price than that is shown again, with a word of warning."""
    pharmacy = the_pharmacy()
    order = orders.get_for_update(session, visit.link.subject_id)
    now = pharmacy.clock()
    shown = form.get("total_cents", "")
    acceptance = Acceptance(
        total=Money(
            int(shown) if shown.isascii() and shown.isdecimal() and len(shown) < len("1" * 12) else -1
        ),
        accepted_by=AcceptedBy.PRIVATE_LINK,
        said="by private link",
    )
    try:
        accept_price(session, order, acceptance, today=local_day(now, pharmacy.zone), by=by, now=now)
    except PriceAcceptedAlready:
        return _accepted(order, visit)
    except PriceHasChanged as changed:
        warning = PAGES[visit.language].price.changed
        return _page(order, visit, warning=warning.format(total=changed.total.text))
    except PriceNotDue:
        return _page(order, visit)
    return _accepted(order, visit)


def _accepted(order: Order, visit: Visit) -> str:
    total = Money(order.total_cents).text
    return page("accepted", visit.language, total=total, is_mailed=_is_mailed(order))


def _page(order: Order, visit: Visit, warning: str = "") -> str:
    lines = PAGES[visit.language].price.lines
    return page(
        "price",
        visit.language,
        number=order.number,
        patient=order.patient.full_name,
        days=order.days,
        lines=[
            (lines[LineKind(line.kind)].format(wording=line.wording), Money(line.amount_cents).text)
            for line in order.price_lines
        ],
        total=Money(order.total_cents).text,
        total_cents=order.total_cents,
        is_mailed=_is_mailed(order),
        is_due=order.status is OrderStatus.AWAITING_PAYMENT,
        given_pass=visit.given_pass,
        warning=warning,
    )


def _is_mailed(order: Order) -> bool:
    return order.delivery is Delivery.MAIL
