"""When did you start? One tap, and every date counts from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from pharmacy.domain.actors import Actor
from pharmacy.domain.calendar import local_day
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.page_phrases import PAGES, day_in_full
from pharmacy.store import orders
from pharmacy.store.sessions import Session
from pharmacy.usecases.confirm_start import NotHandedOver, StartOutsideSupply, confirm_start
from pharmacy.web.current import the_pharmacy
from pharmacy.web.patient.blueprint import Visit, page

_DAYS_SHOWN = 10


def show(session: Session, visit: Visit) -> str:
    """The days on which the patient may have started, today first."""
    order = orders.get(session, visit.link.subject_id)
    today = local_day(the_pharmacy().clock(), ZoneInfo(order.patient.time_zone))
    first = order.shipped_on or today
    days = [
        today - timedelta(days=back) for back in range(_DAYS_SHOWN) if today - timedelta(days=back) >= first
    ]
    shown = [(day.isoformat(), _words(day, today, visit.language)) for day in days]
    return page("start", visit.language, days=shown, given_pass=visit.given_pass, warning="")


def act(session: Session, visit: Visit, form: Mapping[str, str], by: Actor) -> str:
    """The start is confirmed; a day that cannot be is said to be none."""
    pharmacy, words = the_pharmacy(), PAGES[visit.language].first_day
    now = pharmacy.clock()
    reference = pharmacy.reference.current(session, local_day(now, pharmacy.zone))
    try:
        started_on = date.fromisoformat(form.get("started_on", ""))
    except ValueError:
        return show(session, visit)
    try:
        confirm_start(session, visit.link.subject_id, started_on, reference, by=by, now=now)
    except StartOutsideSupply as outside:
        earliest, latest = (day_in_full(each, visit.language) for each in (outside.earliest, outside.latest))
        return _refused(visit, words.outside.format(earliest=earliest, latest=latest))
    except NotHandedOver:
        return _refused(visit, words.not_handed_over)
    return page("started", visit.language, started_on=day_in_full(started_on, visit.language))


def _refused(visit: Visit, warning: str) -> str:
    return page("start", visit.language, days=[], given_pass=visit.given_pass, warning=warning)


def _words(day: date, today: date, language: Language) -> str:
    words, back = PAGES[language].first_day, (today - day).days
    return {0: words.today, 1: words.yesterday}.get(back, "{day}").format(day=day_in_full(day, language))
