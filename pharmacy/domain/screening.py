"""What stands between an order and the bench: findings, and questions to be asked first.

Three questions must be answered on every order: an opioid in the last 14 days, allergies
or none known, current medicines. A missing or unknown answer is a clarification, coded
and recoverable, and never a finding to be overridden. Answers given are screened:
naltrexone blocks opioids and can precipitate withdrawal (labelling of naltrexone tablets,
contraindications). Names found in free text only ever warn: a match of letters is a
reason to look, not a diagnosis.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pharmacy.domain.errors import Unfit, Where
from pharmacy.domain.figures import require_whole
from pharmacy.domain.findings import Finding, Severity, gravest_first

ADULT_AGE = 18
# Codes of questions that go to the prescriber begin so; those of findings do not.
QUESTION_PREFIX = "C-"
_SCREENED_PREFIX = "S-"

# What a reason on record has at least (house policy): a full stop is no reason.
SHORTEST_REASON = 10

# Names looked for in what people wrote, all lower case (labelling of naltrexone; trade lists of opioids).
OPIOID_NAMES = (
    "alfentanil", "buprenorphine", "butorphanol", "codeine", "dihydrocodeine", "fentanyl", "heroin",
    "hydrocodone", "hydromorphone", "kratom", "levorphanol", "meperidine", "methadone", "mitragynine",
    "morphine", "nalbuphine", "norco", "opium", "oxycodone", "oxymorphone", "pentazocine", "percocet",
    "remifentanil", "suboxone", "sufentanil", "tapentadol", "tianeptine", "tramadol",
)  # fmt: skip
ANTAGONIST_NAMES = ("contrave", "lybalvi", "naltrexone", "samidorphan", "vivitrol")


@dataclass(eq=False)
class ReasonTooShort(Unfit):
    """A reason on record that says nothing."""

    def __str__(self) -> str:
        return f"Give the reason in at least {SHORTEST_REASON} characters."


@dataclass(eq=False)
class ContactMissing(Unfit):
    """A finding that blocks is overridden only after the prescriber was contacted (screening policy)."""

    codes: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"To override {', '.join(self.codes)}, say with whom you spoke and when,"
            " such as “Dr. Example, 23 Nov, 14:05”."
        )


class OpioidAnswer(StrEnum):
    """Whether the patient took an opioid in the last 14 days."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the order says of the patient. None is not answered; an empty tuple of medicines is none taken."""

    opioid_last_14_days: OpioidAnswer | None
    allergies: tuple[str, ...] | None
    no_known_allergies: bool
    medicines: tuple[str, ...] | None
    age: int

    def __post_init__(self) -> None:
        require_whole(self.age, "age")


def is_question(code: str) -> bool:
    """Whether the code is that of a question, which is answered and never overridden."""
    return code.startswith(QUESTION_PREFIX)


def is_screened(code: str) -> bool:
    """Whether the code is of what `screen` finds about the patient, so that screening again replaces it."""
    return code.startswith(_SCREENED_PREFIX)


def require_reason(reason: str) -> None:
    """ReasonTooShort unless the reason is long enough to say something; runs of spaces count as one."""
    if len(" ".join(reason.split())) < SHORTEST_REASON:
        raise ReasonTooShort(where=("reason",))


def require_contact(contact: str, codes: tuple[str, ...]) -> None:
    """ContactMissing unless the contact has a name and a time: a letter and a digit at least."""
    if not (any(map(str.isalpha, contact)) and any(map(str.isdecimal, contact))):
        raise ContactMissing(codes, where=("contact",))


def screen(answers: Answers, plan_findings: Iterable[Finding] = ()) -> tuple[Finding, ...]:
    """All findings about patient and plan, gravest first. Unanswered questions are not findings."""
    return gravest_first([*_patient(answers), *_medicines(answers.medicines or ()), *plan_findings])


def _patient(answers: Answers) -> Iterator[Finding]:
    if answers.opioid_last_14_days is OpioidAnswer.YES:
        because = "An opioid was taken in the last 14 days; naltrexone can precipitate withdrawal."
        yield Finding("S-OPIOID-RECENT", Severity.BLOCK, because, ("opioid_last_14_days",))
    for index, allergy in enumerate(answers.allergies or ()):
        if "naltrexone" in allergy.casefold():
            because = "An allergy to naltrexone is stated."
            yield Finding("S-ALLERGY-NALTREXONE", Severity.BLOCK, because, ("allergies", index))
    if answers.age < ADULT_AGE:
        because = f"The patient is {answers.age} years old; use under {ADULT_AGE} is not established."
        yield Finding("S-AGE-UNDER-18", Severity.OVERRIDE, because, ("patient", "birth_on"))


# Code, names and reason; `{}` is the name that was found, so that no free text is repeated.
_NAMED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "S-MEDICINE-OPIOID": (OPIOID_NAMES, "The list of medicines names {}, which naltrexone blocks."),
    "S-MEDICINE-DUPLICATE": (ANTAGONIST_NAMES, "The list of medicines names {}, another opioid antagonist."),
}


def _medicines(medicines: Iterable[str]) -> Iterator[Finding]:
    for index, medicine in enumerate(medicines):
        written = medicine.casefold()
        for code, (names, because) in _NAMED.items():
            found = next((name for name in names if name in written), None)
            if found is not None:
                yield Finding(code, Severity.WARN, because.format(found), ("medicines", index))


# Code, reason and place of each question that keeps an order out of review.
_QUESTIONS: Mapping[str, tuple[str, Where]] = {
    "C-OPIOID-ANSWER": (
        "It is not known whether the patient took an opioid in the last 14 days.",
        ("opioid_last_14_days",),
    ),
    "C-ALLERGIES": ("State the allergies, or that none are known: one of the two.", ("allergies",)),
    "C-MEDICINES": (
        "Current medicines are not stated; an empty list says that there are none.",
        ("medicines",),
    ),
    "C-AUTHORISATION": ("The order does not say who authorised it, when and how.", ("authorization",)),
    "C-ROSTER": ("The prescriber is not on the practice's verified roster.", ("prescriber", "npi")),
}


def clarifications(
    answers: Answers, *, has_authorisation: bool, prescriber_on_roster: bool
) -> tuple[Finding, ...]:
    """What must be asked before the order can be reviewed, in the order of the form; none when all is said."""
    is_open = {
        "C-OPIOID-ANSWER": answers.opioid_last_14_days in {None, OpioidAnswer.UNKNOWN},
        "C-ALLERGIES": bool(answers.allergies) == answers.no_known_allergies,
        "C-MEDICINES": answers.medicines is None,
        "C-AUTHORISATION": not has_authorisation,
        "C-ROSTER": not prescriber_on_roster,
    }
    return tuple(
        Finding(code, Severity.BLOCK, because, where)
        for code, (because, where) in _QUESTIONS.items()
        if is_open[code]
    )
