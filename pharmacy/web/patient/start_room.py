"""When did you start? One tap, and every date counts from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flask import render_template

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.store import orders
from pharmacy.store.private_links import PrivateLink
from pharmacy.store.sessions import Session
from pharmacy.usecases.confirm_start import NotHandedOver, StartOutsideSupply, confirm_start
from pharmacy.web.current import the_pharmacy
from pharmacy.web.patient.blueprint import house

_DAYS_SHOWN = 10


def show(session: Session, link: PrivateLink, given_pass: str) -> str:
    """The days on which the patient may have started, today first."""
    order = orders.get(session, link.subject_id)
    today = local_day(the_pharmacy().clock(), ZoneInfo(order.patient.time_zone))
    first = order.shipped_on or today
    days = [
        today - timedelta(days=back) for back in range(_DAYS_SHOWN) if today - timedelta(days=back) >= first
    ]
    return _page(given_pass, days, today, "")


def act(session: Session, link: PrivateLink, form: Mapping[str, str], by: Actor) -> str:
    """The start is confirmed; a day that cannot be is said to be none."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    reference = pharmacy.reference.current(session, local_day(now, pharmacy.zone))
    try:
        started_on = date.fromisoformat(form.get("started_on", ""))
    except ValueError:
        return show(session, link, form.get("pass", ""))
    try:
        confirm_start(session, link.subject_id, started_on, reference, by=by, now=now)
    except (StartOutsideSupply, NotHandedOver) as refusal:
        return _page(form.get("pass", ""), [], started_on, str(refusal))
    return render_template(
        "patient/started.html", house=house(), started_on=f"{started_on:%A}, {started_on.day} {started_on:%B}"
    )


def _page(given_pass: str, days: list[date], today: date, warning: str) -> str:
    shown = [(day.isoformat(), _words(day, today)) for day in days]
    return render_template(
        "patient/start.html", house=house(), days=shown, given_pass=given_pass, warning=warning
    )


def _words(day: date, today: date) -> str:
    back = (today - day).days
    named = {0: "Today, ", 1: "Yesterday, "}.get(back, "")
    return f"{named}{day:%A}, {day.day} {day:%B}"
