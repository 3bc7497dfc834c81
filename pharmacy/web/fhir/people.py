"""Patient and prescriber, as a Patient and a Practitioner tell of them.

What an order needs of them is the same as at the REST door; whatever is missing is named with its place, all at
once. A time zone may come as HL7's extension; without one the pharmacy's own is taken, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from marshmallow import validate

from pharmacy.usecases.commands import NewPatient, SigningPrescriber
from pharmacy.web.fhir.element import BUSINESS_RULE, INVALID, REQUIRED, Element, Issue, gathered
from pharmacy.web.fields import (
    CalendarDay,
    EmailAddress,
    Npi,
    Telephone,
    Text,
    TimeZoneName,
)
from pharmacy.web.states import STATES

NPI = "http://hl7.org/fhir/sid/us-npi"
TIME_ZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
_ZIP = Text(
    least=5,
    most=10,
    required=True,
    validate=validate.Regexp(r"^[0-9]{5}(-[0-9]{4})?$", error="This is not a ZIP code."),
)
_STATE = Text(required=True, validate=validate.OneOf(STATES, error="This is no state of the United States."))
_NAME = Text(least=2, most=120, required=True)
_LANGUAGES = ("en", "es")


def patient_of(resource: Element, house_zone: str) -> tuple[NewPatient, tuple[Issue, ...]]:
    """The patient, and what was taken for granted of them."""
    if resource.flag("deceasedBoolean") or resource.has("deceasedDateTime"):
        resource.refuse("The patient is said to have died.", "deceased", code=BUSINESS_RULE)
    if resource.flag("active") is False:
        resource.refuse("This record of the patient is not active.", "active", code=BUSINESS_RULE)
    address = _first(resource, "address")
    full_name, birth_on, phone, email, (line, city, state, postal_code) = gathered(
        lambda: resource.shaped("name", _name(resource), _NAME),
        lambda: resource.shaped("birthDate", resource.text("birthDate"), CalendarDay(required=True)),
        lambda: resource.shaped("telecom", _telecom(resource, "phone", "sms"), Telephone(required=True)),
        lambda: _email(resource),
        lambda: _address(resource, address),
    )
    zone = _time_zone(resource, address)
    patient = NewPatient(
        full_name=full_name,
        birth_on=birth_on,
        phone=phone,
        email=email,
        address_line=line,
        city=city,
        state=state,
        postal_code=postal_code,
        time_zone=zone or house_zone,
        language=_language(resource),
        consents=(),
    )
    return patient, () if zone else (_zone_taken(resource, house_zone),)


def prescriber_of(resource: Element) -> SigningPrescriber:
    """Who prescribed: NPI, name, telephone, address, and the licence with its state."""
    npi, full_name, phone, address, (licence, state) = gathered(
        lambda: resource.shaped("identifier", _npi(resource), Npi(required=True)),
        lambda: resource.shaped("name", _name(resource), _NAME),
        lambda: resource.shaped("telecom", _telecom(resource, "phone"), Telephone(required=True)),
        lambda: resource.shaped("address", _one_line(_first(resource, "address")), Text(required=True)),
        lambda: _licence(resource),
    )
    return SigningPrescriber(
        npi=npi, full_name=full_name, phone=phone, address=address, licence=licence, licence_state=state
    )


def _first(resource: Element, name: str) -> Element | None:
    found = resource.many(name)
    living = [each for each in found if each.text("use") != "old"]
    return living[0] if living else None


def _name(resource: Element) -> str | None:
    """The official name where several are given."""
    names = [each for each in resource.many("name") if each.text("use") not in {"old", "nickname", "maiden"}]
    names.sort(key=lambda each: each.text("use") != "official")
    if not names:
        return None
    parts = [*names[0].words("given"), *filter(None, [names[0].text("family")])]
    return " ".join(" ".join(parts).split()) or names[0].text("text")


def _telecom(resource: Element, *systems: str) -> str | None:
    points = [each for each in resource.many("telecom") if each.text("use") != "old"]
    return next((each.text("value") for each in points if each.text("system") in systems), None)


def _email(resource: Element) -> str | None:
    told = _telecom(resource, "email")
    read: str | None = None if told is None else resource.shaped("telecom", told, EmailAddress())
    return read


def _address(resource: Element, address: Element | None) -> list[str]:
    if address is None:
        resource.refuse("An address is due: the medicine is mailed.", "address", code=REQUIRED)
    if address.text("country") not in {None, "US", "USA"}:
        address.refuse("The pharmacy ships within the United States.", "country", code=BUSINESS_RULE)
    return gathered(
        lambda: address.shaped("line", ", ".join(address.words("line")) or None, Text(required=True)),
        lambda: address.shaped("city", address.text("city"), Text(most=100, required=True)),
        lambda: address.shaped("state", address.text("state"), _STATE),
        lambda: address.shaped("postalCode", address.text("postalCode"), _ZIP),
    )


def _one_line(address: Element | None) -> str | None:
    if address is None:
        return None
    parts = (*address.words("line"), *(address.text(name) for name in ("city", "state", "postalCode")))
    return ", ".join(part for part in parts if part) or address.text("text")


def _time_zone(*holders: Element | None) -> str | None:
    """The zone that the patient's or the address's extension names."""
    for holder in filter(None, holders):
        for extension in holder.many("extension"):
            if extension.text("url") == TIME_ZONE:
                zone: str = extension.shaped(
                    "valueCode", extension.text("valueCode"), TimeZoneName(required=True)
                )
                return zone
    return None


def _zone_taken(resource: Element, zone: str) -> Issue:
    text = f"The patient's time zone was not given; the pharmacy's own, {zone}, is taken."
    return Issue(code="informational", severity="information", text=text, expression=resource.at("extension"))


def _language(resource: Element) -> str:
    """Spanish where that is preferred, else English: the two that labels are made in."""
    spoken = [each for each in resource.many("communication") if each.flag("preferred") is not False]
    tags = [tag for each in spoken for tag in _tags(each.one("language"))]
    return next((tag for tag in tags if tag in _LANGUAGES), "en")


def _tags(concept: Element | None) -> Iterator[str]:
    for coding in () if concept is None else concept.many("coding"):
        yield (coding.text("code") or "").partition("-")[0].lower()


def _npi(resource: Element) -> str | None:
    found = {each.text("value") for each in resource.many("identifier") if each.text("system") == NPI}
    if len(found) > 1:
        resource.refuse("The prescriber has more than one NPI.", "identifier", code=INVALID)
    return next(iter(found), None)


def _licence(resource: Element) -> list[str]:
    """The first qualification with an identifier: its number, and its issuer's name, which is the state."""
    for qualification in resource.many("qualification"):
        for identifier in qualification.many("identifier"):
            return _number_and_state(identifier, qualification)
    text = "A qualification is due: the licence number as identifier, its state as the issuer's display."
    raise resource.fault(text, "qualification", code=REQUIRED)


def _number_and_state(identifier: Element, qualification: Element) -> list[str]:
    issuer = identifier.one("assigner") or qualification.one("issuer")
    state = None if issuer is None else issuer.text("display")
    return gathered(
        lambda: identifier.shaped("value", identifier.text("value"), Text(most=40, required=True)),
        lambda: qualification.shaped("issuer.display", state, _STATE),
    )
