"""What is known of a patient when an order is screened: statements, each with its code where it has one.

A statement was made in the order itself, in an earlier record of this pharmacy, or in the record of another
practice. What another practice wrote makes findings too, but their words repeat none of it: the practice that
reads them learns a code and nothing else.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pharmacy.domain.errors import Where
from pharmacy.domain.figures import require_whole
from pharmacy.domain.screening.questions import OpioidAnswer


class CodeSystem(StrEnum):
    """Which list a code is from. `name` says that the code is the name of an ingredient or a brand."""

    RXNORM = "rxnorm"
    NAME = "name"
    ICD_10_CM = "icd-10-cm"
    HOUSE = "house"


class Condition(StrEnum):
    """What a patient may have or be, as far as it matters here; the codes of the system `house`."""

    ACUTE_HEPATITIS = "acute_hepatitis"
    LIVER_FAILURE = "liver_failure"
    CIRRHOSIS = "cirrhosis"
    LIVER_ENZYMES_RAISED = "liver_enzymes_raised"
    RENAL_IMPAIRMENT_SEVERE = "renal_impairment_severe"
    PREGNANCY = "pregnancy"
    BREAST_FEEDING = "breast_feeding"
    TRANSPLANT = "transplant"
    AUTOIMMUNE_DISEASE = "autoimmune_disease"
    HASHIMOTO = "hashimoto"
    ALCOHOL = "alcohol"
    ALCOHOL_HEAVY = "alcohol_heavy"
    DEPRESSION = "depression"
    SUICIDALITY = "suicidality"
    OPIOID_USE_DISORDER = "opioid_use_disorder"
    LOPERAMIDE_MISUSE = "loperamide_misuse"
    DRUG_SENSITIVITY = "drug_sensitivity"


class Origin(StrEnum):
    """Where a statement stands."""

    ORDER = "order"
    RECORD = "record"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One medicine, allergy or condition as it was stated; `where` points into the order."""

    text: str
    system: CodeSystem | None = None
    code: str | None = None
    daily_dose_mg: Decimal | None = None
    origin: Origin = Origin.ORDER
    where: Where = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpioidStatement:
    """The answer about opioids: which, and when last. `exception` is the prescriber's own, documented."""

    answer: OpioidAnswer | None
    agent: Stated | None = None
    last_dose_on: date | None = None
    exception: str | None = None
    origin: Origin = Origin.ORDER


class Tag(StrEnum):
    """What an excipient is or holds; a filler and a shell may have the same, and mean different things by it."""

    LACTOSE = "lactose"
    GELATIN = "gelatin"
    DYE = "dye"
    RICE = "rice"
    CALCIUM = "calcium"
    GELLING = "gelling"
    GLUTEN = "gluten"
    ANIMAL = "animal"
    CELLULOSE = "cellulose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excipient:
    name: str
    tags: frozenset[Tag] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """What the capsules consist of besides the drug: hypromellose is fine as a shell and blocked as a filler."""

    filler: Excipient
    shell: Excipient


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """All that is known of the patient on that day, from the order and from every record of the same person.

    `conditions` holds diagnoses too; `duplicate_orders` says where each other living order for the same days
    stands; `possible_matches` counts records that may be of the same person, until staff have decided.
    """

    on: date
    age: int
    opioids: tuple[OpioidStatement, ...] = ()
    allergies: tuple[Stated, ...] = ()
    medicines: tuple[Stated, ...] = ()
    conditions: tuple[Stated, ...] = ()
    formula: Formula | None = None
    duplicate_orders: tuple[Origin, ...] = ()
    possible_matches: int = 0

    def __post_init__(self) -> None:
        require_whole(self.age, "age")
