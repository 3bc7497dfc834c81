"""What comes in through a door, already of the right shape: frozen, exact, and without a word of HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pharmacy.domain.authority import Envelope
from pharmacy.domain.consistency import AsWritten
from pharmacy.domain.potency import StrengthBasis
from pharmacy.domain.pricing import Delivery
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.screening import OpioidAnswer
from pharmacy.domain.screening.statements import OpioidStatement, Stated
from pharmacy.domain.supply import SupplyMethod
from pharmacy.domain.titration import TitrationPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    channel: str
    text_version: str
    consented_at: datetime
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPatient:
    full_name: str
    birth_on: date
    phone: str
    email: str | None
    address_line: str
    city: str
    state: str
    postal_code: str
    time_zone: str
    language: str
    consents: tuple[ConsentGiven, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningPrescriber:
    npi: str
    full_name: str
    phone: str
    address: str
    licence: str
    licence_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """Who stands for the order: how they signed, when, and through which agent if any."""

    kind: str
    signer_npi: str
    signed_at: datetime
    agent: str | None


class DosageForm(StrEnum):
    """What the drug is put into."""

    CAPSULE = "capsule"
    ORAL_LIQUID = "oral_liquid"


def form_of(method: SupplyMethod) -> DosageForm:
    """The form of what is supplied in that way."""
    return DosageForm.ORAL_LIQUID if method is SupplyMethod.LIQUID else DosageForm.CAPSULE


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyRequest:
    """What is asked of one plan: how many days (None: all of a closed plan), in which way, how delivered.

    `strengths` come with the method of a strength set: which ones, smallest first.
    """

    plan: TitrationPlan
    days: int | None
    method: SupplyMethod | None
    delivery: Delivery
    strength_basis: StrengthBasis = StrengthBasis.NALTREXONE_HYDROCHLORIDE
    # What the price depends on besides: the state whose tax is due, and surcharges of the price book by code.
    ship_to_state: str | None = None
    surcharges: tuple[str, ...] = ()
    strengths: tuple[Micrograms, ...] | None = None
    dosage_form: DosageForm = DosageForm.CAPSULE
    # What came written beside the plan, for findings; it decides nothing.
    as_written: AsWritten | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A whole order as a prescriber's system submits it."""

    patient: NewPatient
    prescriber: SigningPrescriber
    authorization: Authorization | None
    written_on: date
    refills: int
    purpose: str | None
    supply: SupplyRequest
    envelope: Envelope | None = None
    quote_id: UUID | None
    opioid_last_14_days: OpioidAnswer | None
    opioid_detail: str | None
    opioid_agent: Stated | None = None
    opioid_last_dose_on: date | None = None
    opioid_exception: str | None = None
    allergies: tuple[Stated, ...] | None
    no_known_allergies: bool
    medicines: tuple[Stated, ...] | None
    conditions: tuple[Stated, ...] = ()
    diagnosis_codes: tuple[str, ...] = ()

    @property
    def opioid(self) -> OpioidStatement:
        """The answer about opioids, as one statement."""
        return OpioidStatement(
            answer=self.opioid_last_14_days,
            agent=self.opioid_agent,
            last_dose_on=self.opioid_last_dose_on,
            exception=self.opioid_exception,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The idempotency key of a creating request and the fingerprint of its body."""

    key: str
    fingerprint: bytes
