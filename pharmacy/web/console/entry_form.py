"""The form of a whole order, as the API names its fields: "patient.address.city", "plan.steps.0.dose_mg".

What is typed becomes the very body that a prescriber's system would send, and is read by the same reader, so that
there is one set of checks. Its refusals come back to the field of the same name. A blank field says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app, request
from marshmallow import ValidationError

from pharmacy.usecases.commands import Submission
from pharmacy.web.console.forms import Form
from pharmacy.web.console.language import gettext, lazy_gettext

READS_ORDER = "reads-order"
ReadsOrder = Callable[[Mapping[str, Any]], Any]
MOST_ROWS = 12
# The same dose in the morning and at bedtime.
BOTH = "both"
LONGEST = 2000

_STEP = ("dose_mg", "time_of_day", "duration_days")
DOSE_FIELDS = ("days", *(f"plan.steps.{row}.{part}" for row in range(MOST_ROWS) for part in _STEP))
ORDER_FIELDS = (
    "patient.full_name",
    "patient.birth_on",
    "patient.phone",
    "patient.email",
    "patient.address.line",
    "patient.address.city",
    "patient.address.state",
    "patient.address.postal_code",
    "patient.contact.time_zone",
    "patient.contact.language",
    "prescriber.npi",
    "prescriber.full_name",
    "prescriber.phone",
    "prescriber.address",
    "prescriber.licence_number",
    "prescriber.licence_state",
    "authorization.kind",
    "authorization.signed_at",
    "authorization.agent",
    "prescription.written_on",
    "prescription.refills",
    "prescription.purpose",
    "prescription.as_written.text",
    "prescription.as_written.quantity",
    "prescription.as_written.days_supply",
    "delivery",
    "supply_option",
    "opioid_last_14_days",
    "opioid_detail",
    "allergies",
    "no_known_allergies",
    "medicines",
    "no_medicines",
)
# What a field that must not stand empty is called, where the form says that it does.
_CALLED: Mapping[str, str] = {
    "patient.full_name": lazy_gettext("the patient's name"),
    "patient.birth_on": lazy_gettext("when the patient was born"),
    "patient.phone": lazy_gettext("the patient's telephone"),
    "patient.address.line": lazy_gettext("street and number"),
    "patient.address.city": lazy_gettext("the city"),
    "patient.address.state": lazy_gettext("the patient's state"),
    "patient.address.postal_code": lazy_gettext("the ZIP code"),
    "patient.contact.time_zone": lazy_gettext("by which clock the patient lives"),
    "prescriber.npi": lazy_gettext("the prescriber's NPI"),
    "prescriber.full_name": lazy_gettext("the prescriber's name"),
    "prescriber.phone": lazy_gettext("the prescriber's telephone"),
    "prescriber.address": lazy_gettext("the prescriber's address"),
    "prescriber.licence_number": lazy_gettext("the prescriber's licence"),
    "prescriber.licence_state": lazy_gettext("where the prescriber is licensed"),
    "prescription.written_on": lazy_gettext("when it was written"),
    "prescription.refills": lazy_gettext("how many refills, 0 for none"),
}
_MISSING = "Missing data for required field."
_WHOLE_NUMBERS = frozenset(
    {
        "days",
        "duration_days",
        "refills",
        "quantity",
        "days_supply",
    }
)
_LISTS = frozenset({"allergies", "medicines"})


def typed_order() -> Form:
    """The whole order as it was typed."""
    return Form.typed(*ORDER_FIELDS, *DOSE_FIELDS, longest=LONGEST)


def typed_dose() -> Form:
    """The dose alone, as it was typed."""
    return Form.typed(*DOSE_FIELDS)


def body_of(form: Form, zone: ZoneInfo) -> dict[str, Any]:
    """What a prescriber's system would have sent; `zone` is the pharmacy's, for the instant of the signature."""
    body: dict[str, Any] = {"plan": {"steps": []}, **_nested(form, ORDER_FIELDS)}
    body |= dose_of(form)
    body["no_known_allergies"] = bool(form["no_known_allergies"])
    for name in _LISTS:
        listed = [line.strip() for line in form[name].splitlines() if line.strip()]
        body.pop(name, None)
        if listed:
            body[name] = listed
    if form["no_medicines"] and "medicines" not in body:
        body["medicines"] = []
    body.pop("no_medicines", None)
    signed = body.get("authorization")
    if signed and signed.get("kind"):
        signed["signer_npi"] = form["prescriber.npi"]
        signed["signed_at"] = _instant(signed.get("signed_at", ""), zone)
    else:
        body.pop("authorization", None)
    return body


def dose_of(form: Form) -> dict[str, Any]:
    """The part of the body that two people type."""
    rows = [row for row in range(MOST_ROWS) if any(form[f"plan.steps.{row}.{part}"] for part in _STEP[::2])]
    body: dict[str, Any] = {"plan": {"steps": [_step(form, row) for row in rows]}}
    if form["days"]:
        body["days"] = _number(form["days"])
    return body


def read_order(body: Mapping[str, Any]) -> Submission:
    """The order that the body says, read as the API reads it. Raises ValidationError."""
    reads = cast(ReadsOrder, current_app.extensions[READS_ORDER])
    return cast(Submission, reads(body))


def with_faults(form: Form, refused: ValidationError) -> Form:
    """The form with every fault at the field that it is about, whatever stands empty first."""
    for name in _CALLED:
        if name in form.values and not form[name]:
            form = form.at_fault(name, _said(name, _MISSING))
    for path, sentence in _flat(refused.messages, ()):
        name = field_of(path, form)
        form = form.at_fault(name, _said(name, sentence))
    return form


def _said(name: str, sentence: str) -> str:
    """What is missing is called by its name."""
    if sentence != _MISSING:
        return sentence
    called = _CALLED.get(name, gettext("the dose") if name.startswith("plan.") else gettext("this"))
    return gettext("Fill in %(called)s.", called=called)


def field_of(path: tuple[str, ...], form: Form) -> str:
    """The field of the form that a place in the body stands for: the longest name that begins it."""
    names = set(form.values)
    if path[:2] == ("plan", "steps") and len(path) > 2:
        return _field_of_step(path, form)
    for length in range(len(path), 0, -1):
        name = ".".join(path[:length])
        if name in names:
            return name
    inside = ".".join(path)
    return next((name for name in form.values if name.startswith(inside)), "plan.steps.0.dose_mg")


def _field_of_step(path: tuple[str, ...], form: Form) -> str:
    """Steps are counted without the rows that were left blank between them."""
    rows = [
        row
        for row in range(MOST_ROWS)
        if form[f"plan.steps.{row}.dose_mg"] or form[f"plan.steps.{row}.duration_days"]
    ]
    position = int(path[2]) if path[2].isdecimal() else 0
    row = rows[position] if position < len(rows) else 0
    part = path[3] if len(path) > 3 and path[3] in _STEP else "dose_mg"
    return f"plan.steps.{row}.{part}"


def filled(form: Mapping[str, Any] | None) -> Form:
    """A form that shows what is kept of an order, without its dose."""
    values: dict[str, str | None] = {}
    for path, value in _leaves(form or {}, ()):
        name = ".".join(path)
        if isinstance(value, list):
            values[name] = "\n".join(str(each) for each in value)
            if name == "medicines" and not value:
                values["no_medicines"] = "yes"
        elif isinstance(value, bool):
            values[name] = "yes" if value else ""
        else:
            values[name] = None if value is None else str(value)
    return Form.showing(
        {name: value for name, value in values.items() if not name.startswith(("plan.", "days"))}
    )


def _nested(form: Form, names: tuple[str, ...]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name in names:
        if not form[name] or name in _LISTS:
            continue
        *path, last = name.split(".")
        place = body
        for part in path:
            place = place.setdefault(part, {})
        place[last] = _number(form[name]) if last in _WHOLE_NUMBERS else form[name]
    return body


def _step(form: Form, row: int) -> dict[str, Any]:
    dose, time, days = (form[f"plan.steps.{row}.{part}"] for part in _STEP)
    step: dict[str, Any] = {"duration_days": _number(days) if days else None}
    if time == BOTH:
        taken = ("morning", "bedtime")
        return {
            **step,
            "intakes": [{"time_of_day": each, **({"dose_mg": dose} if dose else {})} for each in taken],
        }
    step["time_of_day"] = time or "bedtime"
    return {"dose_mg": dose, **step} if dose else step


def _number(text: str) -> int | str:
    """A whole number where one was typed; the reader refuses anything else in its own words."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else text


def _instant(text: str, zone: ZoneInfo) -> str:
    """What a browser sends for a local time, with the offset of the pharmacy."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat()
    except ValueError:
        return text


def _flat(messages: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flat(inner, path if name == "_schema" else (*path, str(name)))
    elif messages:
        yield path, str(messages[0])


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, name))
    else:
        yield path, value


def sent_file(name: str) -> bytes:
    """The content of the file that came under that name; nothing where none did."""
    sent = request.files.get(name)
    return sent.read() if sent is not None else b""
