"""Everything that an adjustment changes, in words: doses, dates, capsules, price, labels, notices, orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pharmacy.domain.adjustments import AdjustmentKind
from pharmacy.domain.authority import AdjustmentState, Authority
from pharmacy.domain.dose_text import amount_text, format_dose, strength_text
from pharmacy.domain.notices import NoticeKind
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import TimeOfDay
from pharmacy.store.adjustments import AdjustmentRow
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.words import (
    NOTICE_WORDS,
    TIME_WORDS,
    Chip,
    Moment,
    Tone,
    day_moment,
    day_text,
    instant_moment,
    money_text,
    with_days_in_words,
)

_ = lazy_gettext

KINDS = (
    (AdjustmentKind.MOVE_TIME_OF_DAY.value, _("Move the time of day")),
    (AdjustmentKind.PAUSE.value, _("Pause: no dose")),
    (AdjustmentKind.RESUME.value, _("Resume")),
    (AdjustmentKind.STAY.value, _("Stay at the present dose longer")),
    (AdjustmentKind.STEP_BACK.value, _("Step back to the dose before")),
    (AdjustmentKind.HALVE.value, _("Halve the present dose")),
    (AdjustmentKind.SLOWER.value, _("Slower: longer steps")),
    (AdjustmentKind.SKIP.value, _("Skip to the next step")),
    (AdjustmentKind.STOP.value, _("Stop")),
    (AdjustmentKind.RESTART.value, _("Restart at step 1")),
)
_KIND_WORDS = dict(KINDS)
TIMES = (("", _("as it is")), ("morning", _("in the morning")), ("bedtime", _("at bedtime")))
SIGNED = (
    ("", _("Not yet")),
    ("verbal", _("By word of mouth")),
    ("written", _("In writing")),
    ("e_signature", _("Electronically")),
)
_AUTHORITY: Mapping[Authority, str] = {
    Authority.PRESCRIBER: _("authorised by the prescriber"),
    Authority.ENVELOPE: _("within what the prescriber authorised in advance"),
    Authority.PHARMACIST: _("on the pharmacist's own discretion"),
    Authority.PRESCRIPTION: _("as prescribed"),
    Authority.RECORD: _("a fact that was recorded"),
}
_STATES: Mapping[AdjustmentState, Chip] = {
    AdjustmentState.PROPOSED: Chip(lazy_gettext("Waits for the prescriber"), Tone.HELD),
    AdjustmentState.AUTHORISED: Chip(lazy_gettext("To be accepted"), Tone.MINE),
    AdjustmentState.ACCEPTED: Chip(lazy_gettext("Accepted"), Tone.DONE),
    AdjustmentState.IN_FORCE: Chip(lazy_gettext("In force"), Tone.DONE),
    AdjustmentState.DECLINED: Chip(lazy_gettext("Declined"), Tone.ENDED),
    AdjustmentState.WITHDRAWN: Chip(lazy_gettext("Withdrawn"), Tone.ENDED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsulesRow:
    strength: str
    at_home: str
    still_serve: str
    surplus: str
    to_make: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two plans: a row for each step, and where its supply ends."""

    steps: tuple[tuple[str, str, str], ...]
    runs_out: str
    refill: str
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceShown:
    from_on: Moment
    remarks: tuple[str, ...]
    before: Side
    after: Side
    capsules: tuple[CapsulesRow, ...]
    price_lines: tuple[tuple[str, str], ...]
    # What the counts are of: capsules, or a liquid.
    is_liquid: bool
    total: str
    labels: tuple[str, ...]
    outdated: int
    orders: tuple[str, ...]
    findings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentShown:
    adjustment_id: str
    what: str
    state: Chip
    reason: str
    authority: str
    asked: Moment
    settled_because: str
    may_be_accepted: bool
    may_be_authorised: bool
    difference: DifferenceShown


def difference_shown(facts: Mapping[str, Any], today: date) -> DifferenceShown:
    """The difference as it is kept, in words."""
    made = facts["to_make"] or {}
    return DifferenceShown(
        from_on=day_moment(date.fromisoformat(facts["from_on"]), today),
        remarks=tuple(_remarks(facts)),
        before=_side(facts["before"]),
        after=_side(facts["after"]),
        capsules=tuple(_capsules(row) for row in facts["capsules"]),
        price_lines=tuple(
            (line["wording"] if "wording" in line else line["kind"], money_text(line["amount_cents"]))
            for line in made.get("price_lines", ())
        ),
        is_liquid=any(_unit_ml(row) is not None for row in facts["capsules"]),
        total=money_text(made["total_cents"]) if made else "",
        labels=tuple(
            f"{_strength(label)}: {' '.join(label['directions'])}" for label in facts["labels"]["to_come"]
        ),
        outdated=len(facts["labels"]["outdated"]),
        orders=tuple(_orders(facts)),
        findings=tuple((each["severity"], each["because"]) for each in facts["findings"]),
    )


def adjustment_shown(row: AdjustmentRow, zone: ZoneInfo, today: date) -> AdjustmentShown:
    """One adjustment that was asked for."""
    to = f", {TIME_WORDS[TimeOfDay(row.time_of_day)]}" if row.time_of_day else ""
    days = gettext(", %(days)s days", days=row.days) if row.days else ""
    return AdjustmentShown(
        adjustment_id=str(row.id),
        what=gettext(
            "%(kind)s%(to)s%(days)s, from day %(from_day)s",
            kind=_KIND_WORDS[row.kind.value],
            to=to,
            days=days,
            from_day=row.from_day,
        ),
        state=_STATES[row.state],
        reason=row.reason,
        authority=str(_AUTHORITY[row.authority]) if row.authority else "",
        asked=instant_moment(row.asked_at, zone),
        settled_because=row.settled_because or "",
        may_be_accepted=row.state is AdjustmentState.AUTHORISED,
        may_be_authorised=row.state is AdjustmentState.PROPOSED,
        difference=difference_shown(row.difference, today),
    )


def authority_words(authority: Authority | None) -> str:
    """On whose word the change would stand."""
    return str(_AUTHORITY[authority]) if authority else ""


def _remarks(facts: Mapping[str, Any]) -> Iterator[str]:
    yield from facts["halved"]
    if facts["first_morning_on"]:
        on = day_text(date.fromisoformat(facts["first_morning_on"]))
        yield gettext(
            "First morning dose on %(on)s, not before %(first_morning_not_before)s.",
            on=on,
            first_morning_not_before=facts["first_morning_not_before"],
        )


def _side(side: Mapping[str, Any]) -> Side:
    return Side(
        steps=tuple(_step(step) for step in side["steps"]),
        runs_out=day_text(date.fromisoformat(side["run_out_on"])) if side["run_out_on"] else "",
        refill=day_text(date.fromisoformat(side["earliest_refill_on"])) if side["earliest_refill_on"] else "",
        notices=tuple(_notice(notice) for notice in side["notices"]),
    )


def _step(step: Mapping[str, Any]) -> tuple[str, str, str]:
    doses = gettext(" and ").join(
        f"{_mg(intake['dose_ug'])} {TIME_WORDS[TimeOfDay(intake['time_of_day'])]}"
        for intake in step["intakes"]
        if intake["dose_ug"]
    )
    dates = gettext(
        "%(first_on)s to %(last_on)s",
        first_on=day_text(date.fromisoformat(step["first_on"])),
        last_on=day_text(date.fromisoformat(step["last_on"])),
    )
    return (
        gettext("%(first_day)s to %(last_day)s", first_day=step["first_day"], last_day=step["last_day"]),
        doses or gettext("no dose"),
        dates,
    )


def _notice(notice: Mapping[str, Any]) -> str:
    step = gettext(" (step %(step)s)", step=notice["step"]) if notice["step"] else ""
    return f"{NOTICE_WORDS[NoticeKind(notice['kind'])]}{step}, {day_text(date.fromisoformat(notice['on']))}"


def _capsules(row: Mapping[str, Any]) -> CapsulesRow:
    return CapsulesRow(
        strength=_strength(row),
        at_home=_amount(row, "at_home"),
        still_serve=_amount(row, "still_serve"),
        surplus=_amount(row, "surplus"),
        to_make=_amount(row, "to_make"),
    )


def _strength(row: Mapping[str, Any]) -> str:
    return strength_text(Micrograms(row["strength_ug"]), _unit_ml(row))


def _amount(row: Mapping[str, Any], name: str) -> str:
    """A bare number of capsules, as its table says; of a liquid with its unit."""
    unit_ml = _unit_ml(row)
    return str(row[name]) if unit_ml is None else amount_text(row[name], unit_ml)


def _unit_ml(row: Mapping[str, Any]) -> Decimal | None:
    """What a mark of the syringe measures; None of capsules, and in what was kept before liquids were told apart."""
    kept = row.get("unit_ml")
    return None if kept is None else Decimal(kept)


def _orders(facts: Mapping[str, Any]) -> Iterator[str]:
    for order in facts["orders_replaced"]:
        yield with_days_in_words(
            gettext("Rx %(rx_number)s is cancelled and made anew", rx_number=order["rx_number"])
        )
    for order in facts["orders_held"]:
        yield gettext("Rx %(rx_number)s is held: some of it is made", rx_number=order["rx_number"])


def _mg(micrograms: int) -> str:
    return format_dose(Micrograms(micrograms))
