"""Two people at one order: whoever comes second is told, and whoever looks at an older state of it too.

The page asks again by itself where scripts run, so that somebody is told before they press a button in vain; what
they have typed stays where it is. Without scripts they are told when they open the page, and when they press it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import render_template, request

from pharmacy.store import audit, console_desk, orders
from pharmacy.store.console_desk import Looking
from pharmacy.store.orders import Order
from pharmacy.store.waits import told_apart
from pharmacy.usecases.look_at_order import look_at_order
from pharmacy.usecases.reference import Reference
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.language import gettext
from pharmacy.web.console.presence import the_actor
from pharmacy.web.console.queue import reference_of_today
from pharmacy.web.console.words import instant_moment
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import renews_itself, signed_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Who else has the order open, and who has changed it since; each a sentence."""

    order_id: str
    version: str
    others: tuple[str, ...]
    changed: str


def opened(order: Order, reference: Reference) -> Company:
    """This person has the order open: it is on record, and they learn who else has."""
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        others = look_at_order(session, order, reference, by=the_actor(), now=pharmacy.clock())
    return Company(order_id=str(order.id), version=str(order.version), others=_words(others), changed="")


@blueprint.get("/orders/<uuid:order_id>/company")
@renews_itself
@signed_in
def company_part(order_id: UUID) -> Any:
    """Who else is there now, and whether the order is still as this page shows it."""
    pharmacy, actor = the_pharmacy(), the_actor()
    seen = request.args.get("version", "")
    with told_apart(), pharmacy.sessions.read() as session:
        order = orders.get(session, order_id)
        since = pharmacy.clock() - reference_of_today(session).counter.present_for
        looking = console_desk.looking(session, order_id, since=since)
        others = [each for each in looking if each.member_id != actor.id]
        entries = audit.of_subject(session, order_id) if str(order.version) != seen else ()
    changed = (
        gettext("%(name)s has changed this order since you opened it.", name=entries[-1].actor_name)
        if entries
        else ""
    )
    company = Company(order_id=str(order_id), version=seen, others=_words(others), changed=str(changed))
    return render_template("console/_company.html", company=company)


def _words(others: Any) -> tuple[str, ...]:
    zone = the_pharmacy().zone
    return tuple(_sentence(each, zone) for each in others)


def _sentence(each: Looking, zone: Any) -> str:
    at = instant_moment(each.since, zone).words
    return str(gettext("%(name)s has this order open too (%(at)s).", name=each.name, at=at))
