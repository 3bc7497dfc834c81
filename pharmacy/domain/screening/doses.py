"""The plan held against the patient, and each strength against what is sold ready-made.

A compounded product may not be essentially a copy of a commercial one (21 USC 353a(b)(1)(D); FDA guidance of
January 2018: the same drug by the same route in the same or a similar strength, within 10 %). Naltrexone is
sold as a scored tablet of 50 mg, so 45 to 55 mg is a copy and half a tablet is looked at.
"""

from collections.abc import Iterable, Iterator

from pharmacy.domain.dose_text import format_dose
from pharmacy.domain.findings import Finding
from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.screening.medicines import Conditions
from pharmacy.domain.screening.rules import RuleSet
from pharmacy.domain.screening.statements import Condition
from pharmacy.domain.titration import NO_DOSE, TitrationPlan


def doses_found(plan: TitrationPlan, conditions: Conditions, rules: RuleSet) -> Iterator[Finding]:
    """A first dose too high for a patient who reacts to small ones, and doses that are sold ready-made."""
    first = next((step for step in plan.steps if step.daily_dose > NO_DOSE), None)
    most = Micrograms.from_milligrams(rules.decimal("S-START-SENSITIVE", "over_mg_a_day"))
    sensitive = conditions.get(Condition.DRUG_SENSITIVITY)
    if first is not None and sensitive is not None and first.daily_dose > most:
        because = (
            f"The plan starts with {format_dose(first.daily_dose)} a day, over {format_dose(most)}, and the"
            " patient reacts to small doses."
        )
        yield rules.finding("S-START-SENSITIVE", because, sensitive)
    doses = (intake.dose for step in plan.steps for intake in step.doses)
    yield from copies_found(doses, rules)


def copies_found(strengths: Iterable[Micrograms], rules: RuleSet) -> Iterator[Finding]:
    """The strengths that are essentially a copy of the commercial tablet, or half of it; each told once."""
    for strength in sorted(set(strengths)):
        for code in ("S-ESSENTIALLY-A-COPY", "S-HALF-A-TABLET"):
            least, most = (
                Micrograms.from_milligrams(rules.decimal(code, name)) for name in ("least_mg", "most_mg")
            )
            if least <= strength <= most:
                because = (
                    f"{format_dose(strength)} of naltrexone can be had as a commercial tablet or half of one."
                )
                yield rules.finding(code, because, inputs={"strength": format_dose(strength)})
