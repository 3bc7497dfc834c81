"""One pass over everything known: `screen` says all that the rules have to say, gravest first.

It is a pure function, so that submission, refill, change of plan and final verification ask the same and a
stored result can be made again from what was stored with it.
"""

from collections.abc import Iterable, Iterator

from pharmacy.domain.findings import Finding, gravest_first
from pharmacy.domain.screening.doses import doses_found
from pharmacy.domain.screening.medicines import medicines
from pharmacy.domain.screening.opioids import recent_opioids
from pharmacy.domain.screening.patient import (
    allergies_found,
    conditions_found,
    conditions_of,
    formula_found,
)
from pharmacy.domain.screening.rules import RuleSet
from pharmacy.domain.screening.statements import Origin, Profile, Stated
from pharmacy.domain.titration import TitrationPlan


def screen(profile: Profile, plan: TitrationPlan | None, rules: RuleSet) -> tuple[Finding, ...]:
    """All findings about the patient and the plan for the patient, gravest first, each said once.

    Unanswered questions are not findings; they are asked (`clarifications`). `plan` is None where it is looked
    at elsewhere.
    """
    conditions = conditions_of(profile, rules)
    found = [
        *recent_opioids(profile, rules),
        *medicines(profile, conditions, rules),
        *allergies_found(profile, rules),
        *conditions_found(profile, conditions, rules),
        *formula_found(profile.formula, rules),
        *(() if plan is None else doses_found(plan, conditions, rules)),
        *_records(profile, rules),
    ]
    return gravest_first(dict.fromkeys(found))


def with_plan_findings(
    found: Iterable[Finding], about_plan: Iterable[Finding], rules: RuleSet
) -> tuple[Finding, ...]:
    """What was screened and what was derived, in one list, gravest first, each with the version of its rule."""
    return gravest_first([*found, *(rules.stamped(each) for each in about_plan)])


def _records(profile: Profile, rules: RuleSet) -> Iterator[Finding]:
    """Other orders for the same days, and other records that may be of the same person."""
    for origin in dict.fromkeys(profile.duplicate_orders):
        count = profile.duplicate_orders.count(origin)
        because = f"{count} other order{'s' if count > 1 else ''} for this patient cover the same days."
        about = Stated(text=f"{count} other orders", origin=origin)
        yield rules.finding("S-DUPLICATE-ORDER", because, about)
    if profile.possible_matches:
        because = "Staff will confirm whether this patient is already known here."
        about = Stated(text=f"{profile.possible_matches} possible records", origin=Origin.RECORD)
        yield rules.finding("S-PATIENT-MATCH", because, about)
