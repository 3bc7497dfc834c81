"""Entries in words: who sent them, whose turn it is, what that person types, and what two people disagree on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pharmacy.domain.actors import Actor
from pharmacy.domain.dose_text import plain_decimal
from pharmacy.domain.double_entry import Channel, Difference
from pharmacy.domain.pictures import PictureKind
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import order_entries, practices, staff
from pharmacy.store.order_entries import EntryReading, EntryState, OrderEntry
from pharmacy.store.sessions import Session
from pharmacy.usecases.enter_order import standing_differences
from pharmacy.web.console.entry_form import BOTH, filled
from pharmacy.web.console.forms import Form
from pharmacy.web.console.language import lazy_gettext
from pharmacy.web.console.words import Chip, Moment, Tone, instant_moment

_ = lazy_gettext

CHANNELS = (
    (Channel.FAX.value, _("Fax")),
    (Channel.PHONE.value, _("Telephone")),
    (Channel.PAPER.value, _("Paper")),
    (Channel.E_PRESCRIPTION.value, _("Printout of an e-prescription")),
)
_CHANNEL_WORDS = dict(CHANNELS)
_STATES: Mapping[EntryState, str] = {
    EntryState.OPENED: _("To be typed"),
    EntryState.ENTERED_ONCE: _("The dose is to be entered a second time"),
    EntryState.DIFFERS: _("Two people read different doses"),
    EntryState.SUBMITTED: _("Submitted"),
    EntryState.SET_ASIDE: _("Set aside"),
}
ZONES = tuple(
    (zone, zone.partition("/")[2].replace("_", " "))
    for zone in (
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Phoenix",
        "America/Los_Angeles",
        "America/Anchorage",
        "Pacific/Honolulu",
        "America/Puerto_Rico",
    )
)
STATE_OPTIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "time_of_day": (
        ("bedtime", _("at bedtime")),
        ("morning", _("in the morning")),
        (BOTH, _("morning and bedtime, each")),
    ),
    "language": (("en", "English"), ("es", "Español")),
    "authorization": (
        ("", _("None: it will be asked for")),
        ("written", _("Signed by hand")),
        ("e_signature", _("Signed electronically")),
        ("verbal", _("By word of mouth")),
    ),
    "delivery": (("mail", _("By mail")), ("pick_up", _("Picked up here"))),
    "supply_option": (
        ("", _("The usual: one strength per step")),
        ("multiples_of_one_strength", _("Multiples of one strength")),
    ),
    "opioid": (
        ("", _("Not said: it will be asked for")),
        ("no", _("No")),
        ("yes", _("Yes")),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    entry_id: str
    channel: str
    practice: str
    caller: str
    state: Chip
    received: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryShown:
    """`task` says what that person has to do: "whole", "dose", or nothing ("")."""

    entry_id: str
    version: str
    channel: str
    practice: str
    caller: str
    read_back: str
    state: Chip
    received: Moment
    opened_by: str
    picture: str
    task: str
    patient: str
    prescriber: str
    differences: tuple[Difference, ...]
    form: Form
    set_aside_because: str


def entry_row(session: Session, entry: OrderEntry, zone: ZoneInfo) -> EntryRow:
    """One entry of the list."""
    return EntryRow(
        entry_id=str(entry.id),
        channel=_CHANNEL_WORDS[entry.channel.value],
        practice=practices.name_of(session, entry.practice_id),
        caller=entry.caller,
        state=_state(entry),
        received=instant_moment(entry.received_at, zone),
    )


def entry_shown(session: Session, entry: OrderEntry, by: Actor, zone: ZoneInfo) -> EntryShown:
    """The entry as that person sees it: never the dose that another has read, before both have."""
    readings = order_entries.newest_readings(session, entry.id)
    is_first = not readings or readings[0].read_by == by.id
    is_open = entry.state in order_entries.OPEN_STATES
    task = ("whole" if is_first else "dose") if is_open else ""
    own = next((reading for reading in readings if reading.read_by == by.id), None)
    names = staff.names_of(session, [entry.opened_by])
    kept = entry.form or {}
    picture = order_entries.picture_kind_of(session, entry.id)
    return EntryShown(
        entry_id=str(entry.id),
        version=str(entry.version),
        channel=_CHANNEL_WORDS[entry.channel.value],
        practice=practices.name_of(session, entry.practice_id),
        caller=entry.caller,
        read_back=f"{entry.read_back_to}, {instant_moment(entry.read_back_at, zone).words}"
        if entry.read_back_at
        else "",
        state=_state(entry),
        received=instant_moment(entry.received_at, zone),
        opened_by=names[entry.opened_by],
        picture=picture.value if picture else "",
        task=task,
        patient=kept.get("patient", {}).get("full_name", ""),
        prescriber=kept.get("prescriber", {}).get("full_name", ""),
        differences=standing_differences(session, entry.id) if entry.state is EntryState.DIFFERS else (),
        form=_form(kept if is_first else {}, own),
        set_aside_because=entry.set_aside_because or "",
    )


def _form(kept: Mapping[str, object], own: EntryReading | None) -> Form:
    form = filled(kept)
    values = dict(form.values)
    if own is not None:
        values["days"] = (str(own.days or ""),)
        for row, step in enumerate(own.plan):
            (time, dose), *more = step["intakes"].items()
            values[f"plan.steps.{row}.dose_mg"] = (plain_decimal(Micrograms(dose).in_milligrams().value),)
            values[f"plan.steps.{row}.time_of_day"] = (BOTH if more else time,)
            values[f"plan.steps.{row}.duration_days"] = (str(step["duration_days"] or ""),)
    return Form(values=values)


def _state(entry: OrderEntry) -> Chip:
    tones = {EntryState.DIFFERS: Tone.BLOCKED, EntryState.SET_ASIDE: Tone.ENDED}
    return Chip(_STATES[entry.state], tones.get(entry.state, Tone.MINE))


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetShown:
    """The sheet an order was entered from; `kind` is the media type of its picture, or empty."""

    entry_id: str
    came_by: str
    caller: str
    kind: str


def sheet_shown(entry: OrderEntry | None, picture: PictureKind | None) -> SheetShown | None:
    """None for an order that came by itself."""
    if entry is None:
        return None
    return SheetShown(
        entry_id=str(entry.id),
        came_by=_CHANNEL_WORDS[entry.channel.value],
        caller=entry.caller,
        kind=picture.value if picture else "",
    )
