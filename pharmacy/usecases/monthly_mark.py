"""What a month costs, against the mark above which somebody should look for a cheaper way.

The mark is a setting of the pharmacy. An option over it says so, and names the option that would bring it under:
of those that can be made today the cheapest, or that there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.money import to_cents
from pharmacy.usecases.option import Option
from pharmacy.usecases.reference import Reference

OVER_MONTHLY_MARK = "F-OVER-MONTHLY-MARK"


def with_marks(options: Sequence[Option], reference: Reference) -> tuple[Option, ...]:
    """The same options in the same order; each that is over the mark carries a finding about it."""
    mark = reference.prices().monthly_mark
    under = [each for each in options if each.can_be_made and each.price.month <= mark]
    cheapest = min(under, key=lambda each: each.price.total.cents, default=None)
    return tuple(
        replace(each, findings=(*each.findings, _finding(each, cheapest, reference)))
        if each.price.month > mark
        else each
        for each in options
    )


def is_over_mark(option: Option) -> bool:
    """Whether `with_marks` found it over the mark."""
    return any(each.code == OVER_MONTHLY_MARK for each in option.findings)


def _finding(option: Option, cheapest: Option | None, reference: Reference) -> Finding:
    mark = to_cents(reference.prices().monthly_mark).text
    costs = f"30 days cost {option.price.per_30_days.text} USD, over the mark of {mark} USD"
    if cheapest is None:
        advice = "no other way to supply the plan is under it"
    else:
        strengths = ", ".join(format_dose(strength) for strength in cheapest.strengths)
        way = cheapest.supply.method.replace("_", " ")
        advice = f"as {way} ({strengths}) they cost {cheapest.price.per_30_days.text} USD"
    return Finding(OVER_MONTHLY_MARK, Severity.INFO, f"{costs}; {advice}.", ("supply_option",))
