"""Who an order is for and who wrote it, what was answered, and what it asks for: facts with their names."""

from __future__ import annotations

from datetime import date

from pharmacy.domain.calendar import age_on
from pharmacy.store.orders import Order
from pharmacy.web.console.language import gettext
from pharmacy.web.console.names import named
from pharmacy.web.console.words import DELIVERY_WORDS, METHOD_WORDS, day_text

Fact = tuple[str, str]
"""A name and what is to be said under it."""


def patient_facts(order: Order, today: date) -> tuple[Fact, ...]:
    patient = order.patient
    channels = [named(consent.channel) for consent in patient.consents if consent.withdrawn_at is None]
    return (
        (gettext("Patient"), patient.full_name),
        (
            gettext("Born"),
            gettext(
                "%(birth_on)s, %(today)s years",
                birth_on=day_text(patient.birth_on),
                today=age_on(patient.birth_on, today),
            ),
        ),
        (gettext("Telephone"), patient.phone),
        (gettext("E-mail"), patient.email or gettext("none")),
        (
            gettext("Address"),
            f"{patient.address_line}, {patient.city}, {patient.state} {patient.postal_code}",
        ),
        (gettext("May be told by"), ", ".join(channels) or gettext("nothing: no consent is on record")),
    )


def answers_given(order: Order) -> tuple[Fact, ...]:
    answers = order.answers
    opioid = named(str(answers.get("opioid_last_14_days") or "")) or gettext("not answered")
    detail = answers.get("opioid_detail")
    allergies = answers.get("allergies")
    medicines = answers.get("medicines")
    none_known = gettext("none known") if answers.get("no_known_allergies") else gettext("not stated")
    return (
        (gettext("Opioid in 14 days"), f"{opioid}, {detail}" if detail else opioid),
        (gettext("Allergies"), ", ".join(allergies) if allergies else none_known),
        (
            gettext("Medicines"),
            ", ".join(medicines)
            if medicines
            else gettext("not stated")
            if medicines is None
            else gettext("none"),
        ),
    )


def prescription_facts(order: Order) -> tuple[Fact, ...]:
    prescription = order.prescription
    licence = f"{prescription.prescriber_licence_state} {prescription.prescriber_licence}"
    return (
        (gettext("Prescriber"), prescription.prescriber_name),
        ("NPI", prescription.prescriber_npi),
        (gettext("Licence"), licence),
        (gettext("Telephone"), prescription.prescriber_phone),
        (gettext("Authorised"), _authorised(order)),
        (gettext("Written"), day_text(prescription.written_on)),
        (gettext("Purpose"), prescription.purpose or gettext("not stated")),
        (
            gettext("Fill"),
            gettext(
                "%(refill_number)s of %(refills)s",
                refill_number=order.refill_number + 1,
                refills=prescription.refills + 1,
            ),
        ),
        (gettext("Supplied as"), METHOD_WORDS[order.supply_method]),
        (gettext("Delivery"), DELIVERY_WORDS[order.delivery]),
    )


def _authorised(order: Order) -> str:
    """How the order was authorised, as it came or as it was confirmed to a pharmacist."""
    confirmed = order.answers.get("authorisation_confirmed")
    if confirmed:
        return gettext(
            "confirmed by %(who)s, %(when)s, %(how)s",
            who=confirmed["who"],
            when=confirmed["when"],
            how=confirmed["how"],
        )
    kind = order.prescription.authorization_kind
    return named(kind) if kind else gettext("not stated")
