"""What is typed about a patient, as the use cases take it; what cannot be read is told at its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate

from pharmacy.domain.errors import Unfit
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.notice_rules import Channel
from pharmacy.domain.screening.statements import Origin, Stated
from pharmacy.store.patients import Patient
from pharmacy.usecases.patient_facts import stated_of
from pharmacy.web.console.forms import Form
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.fields import EmailAddress, OneOf, Telephone, Text, TimeZoneName
from pharmacy.web.states import State

_CONTACT: Mapping[str, fields.Field[Any]] = {
    "full_name": Text(least=2, most=120),
    "phone": Telephone(),
    "email": EmailAddress(allow_none=True),
    "address_line": Text(),
    "city": Text(most=100),
    "state": OneOf(State),
    "postal_code": Text(
        least=5,
        most=10,
        validate=validate.Regexp(r"^[0-9]{5}(-[0-9]{4})?$", error=lazy_gettext("This is not a ZIP code.")),
    ),
    "time_zone": TimeZoneName(),
    "language": OneOf(Language),
}
CONTACT_FIELDS = (*_CONTACT, "purpose_on_label")
LIST_FIELDS = ("allergies", "medicines", "conditions")
LINK_FIELDS = ("other_id", "reason")
_MOST_LISTED = 100
_LONGEST_STATED = 200


@dataclass(eq=False)
class TypedUnfit(Unfit):
    because: str

    def __str__(self) -> str:
        return self.because


def contact_typed(form: Form, patient: Patient) -> dict[str, str | bool | None]:
    """What is different from the record. Raises TypedUnfit at the first field that cannot be meant."""
    read = {name: _read(form, name) for name in _CONTACT}
    read["purpose_on_label"] = bool(form["purpose_on_label"])
    if read["email"] is None and any(
        each.channel == Channel.EMAIL and each.withdrawn_at is None for each in patient.consents
    ):
        raise TypedUnfit(gettext("Consent to e-mail needs an address."), where=("email",))
    return {name: value for name, value in read.items() if getattr(patient, name) != value}


def _read(form: Form, name: str) -> Any:
    text = form[name] or None
    try:
        return _CONTACT[name].deserialize(text)
    except ValidationError as refusal:
        told = refusal.messages
        sentence = told[0] if isinstance(told, list) and told else gettext("This cannot be read.")
        raise TypedUnfit(str(sentence), where=(name,)) from None


def lists_typed(form: Form, patient: Patient) -> dict[str, tuple[Stated, ...]]:
    """The lists as they are to be: one entry a line; what stands there in the same words keeps its code."""
    return {name: _list_typed(form, name, patient) for name in LIST_FIELDS}


def _list_typed(form: Form, name: str, patient: Patient) -> tuple[Stated, ...]:
    lines = [" ".join(line.split()) for line in form[name].splitlines() if line.strip()]
    if len(lines) > _MOST_LISTED or any(len(line) > _LONGEST_STATED for line in lines):
        told = gettext("At most %(most)s lines of %(signs)s signs.", most=_MOST_LISTED, signs=_LONGEST_STATED)
        raise TypedUnfit(told, where=(name,))
    standing = {each["text"]: each for each in patient.profile.get(name, ())}
    return tuple(
        stated_of(standing[line], Origin.RECORD) if line in standing else Stated(text=line)
        for line in dict.fromkeys(lines)
    )


def other_typed(form: Form) -> UUID:
    """The other record. Raises TypedUnfit where none is named."""
    try:
        return UUID(form["other_id"])
    except ValueError:
        raise TypedUnfit(gettext("Give the identifier of the other record."), where=("other_id",)) from None
