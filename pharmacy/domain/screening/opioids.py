"""Opioids and their antagonists: naltrexone blocks the first and doubles the second.

An opioid taken too recently can bring on withdrawal (labelling of naltrexone tablets: opioid-free for 7 to 10
days, up to two weeks after buprenorphine or methadone). The conservative end is house policy: 10 days after
short-acting opioids and tramadol, 14 after methadone, buprenorphine and whatever acts long. A prescriber who
knowingly orders sooner is on record with it, and then a pharmacist may override; both stay on record.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from pharmacy.domain.findings import Finding
from pharmacy.domain.screening.catalogue import ALWAYS_LONG, OPIOIDS, IngredientKind, Medicine, says_slow
from pharmacy.domain.screening.questions import OpioidAnswer
from pharmacy.domain.screening.rules import RuleSet
from pharmacy.domain.screening.statements import OpioidStatement, Profile, Stated

RECENT = "S-OPIOID-RECENT"
_WITHDRAWAL = "naltrexone can bring on withdrawal"
_KINDS = IngredientKind


def washout_days(agent: Stated | None, rules: RuleSet) -> int:
    """The days without opioids before the first dose; what cannot be told apart counts as long-acting."""
    long = rules.whole(RECENT, "long_acting_days")
    if agent is None:
        return long
    coded = rules.catalogue.coded(agent)
    medicines = (coded,) if coded is not None else rules.catalogue.named_in(agent.text)
    opioids = [each for each in medicines if not OPIOIDS.isdisjoint(rules.catalogue.kinds_in(each))]
    if not opioids or says_slow(agent.text) or any(_acts_long(each, rules) for each in opioids):
        return long
    if any(_KINDS.TRAMADOL in rules.catalogue.kinds_in(each) for each in opioids):
        return rules.whole(RECENT, "tramadol_days")
    return rules.whole(RECENT, "short_acting_days")


def _acts_long(medicine: Medicine, rules: RuleSet) -> bool:
    return medicine.is_long_acting or not ALWAYS_LONG.isdisjoint(rules.catalogue.kinds_in(medicine))


def earliest_start(last_dose_on: date, days: int) -> date:
    """The first day on which LDN may be dispensed: 10 days after 1 March is 11 March."""
    return last_dose_on + timedelta(days=days)


def recent_opioids(profile: Profile, rules: RuleSet) -> Iterator[Finding]:
    """What the answers about opioids mean today; nothing once the washout is over."""
    for statement in profile.opioids:
        if statement.answer is OpioidAnswer.YES:
            yield from _recent(statement, profile.on, rules)


def _recent(statement: OpioidStatement, on: date, rules: RuleSet) -> Iterator[Finding]:
    days = washout_days(statement.agent, rules)
    if statement.last_dose_on is None:
        when = f"the day of the last dose is not stated; may be dispensed {days} days after it"
        from_on = "unknown"
    else:
        first = earliest_start(statement.last_dose_on, days)
        if on >= first:
            return
        when, from_on = f"may be dispensed from {first.isoformat()}", first.isoformat()
    named = statement.agent.text if statement.agent is not None else "an opioid"
    about = Stated(text=named, origin=statement.origin, where=("opioid_last_14_days",))
    inputs = {
        "last_dose_on": statement.last_dose_on.isoformat() if statement.last_dose_on else "not stated",
        "washout_days": str(days),
        "may_be_dispensed_from": from_on,
    }
    if statement.exception:
        because = (
            f"The prescriber has documented an exception to {days} days without opioids; otherwise {when}."
        )
        inputs["exception"] = statement.exception
        yield rules.finding("S-OPIOID-EXCEPTION", because, about, inputs=inputs)
        return
    because = f"An opioid was taken in the last 14 days; {_WITHDRAWAL}: {when}."
    yield rules.finding(RECENT, because, about, inputs=inputs)


def coded_opioids(stated: Stated, medicine: Medicine, rules: RuleSet) -> Iterator[Finding]:
    """What a coded medicine means that holds an opioid, or something that resembles one."""
    kinds = rules.catalogue.kinds_in(medicine)
    opioids = rules.catalogue.ingredients_of(medicine, OPIOIDS)
    if opioids:
        also = " It also lowers the seizure threshold." if _KINDS.TRAMADOL in kinds else ""
        because = f"{_names(opioids)} is taken; naltrexone blocks it, and {_WITHDRAWAL}.{also}"
        yield rules.finding("S-OPIOID-CURRENT", because, stated, inputs={"ingredients": ", ".join(opioids)})
    if _KINDS.LOPERAMIDE in kinds:
        yield _loperamide(stated, rules)
    if _KINDS.PERIPHERAL_OPIOID in kinds:
        yield _by_kind("S-OPIOID-PERIPHERAL", _KINDS.PERIPHERAL_OPIOID, stated, medicine, rules)
    if _KINDS.DEXTROMETHORPHAN in kinds:
        yield _by_kind("S-DEXTROMETHORPHAN", _KINDS.DEXTROMETHORPHAN, stated, medicine, rules)


def coded_antagonists(stated: Stated, medicine: Medicine, rules: RuleSet) -> Iterator[Finding]:
    """What a coded medicine means that blocks opioids itself, or that only makes sense with them."""
    kinds = rules.catalogue.kinds_in(medicine)
    if _KINDS.NALTREXONE in kinds and _is_low_dose(stated, rules):
        because = "Low-dose naltrexone is already taken: make sure that it is not supplied twice."
        yield rules.finding("S-DUPLICATE-LDN", because, stated)
    elif not kinds.isdisjoint({_KINDS.NALTREXONE, _KINDS.ANTAGONIST}):
        because = f"{medicine.display} is another opioid antagonist: the same treatment twice."
        yield rules.finding("S-DUPLICATE-ANTAGONIST", because, stated)
    if _KINDS.IMPLIES_OPIOIDS in kinds:
        yield _by_kind("S-OPIOID-IMPLIED", _KINDS.IMPLIES_OPIOIDS, stated, medicine, rules)
    if _KINDS.NALOXONE in kinds and kinds.isdisjoint(OPIOIDS):
        yield _by_kind("S-NALOXONE-KIT", _KINDS.NALOXONE, stated, medicine, rules)


_BECAUSE = {
    "S-OPIOID-PERIPHERAL": "{} acts on opioid receptors of the gut; naltrexone takes its effect away.",
    "S-DEXTROMETHORPHAN": "{} is no opioid at the doses for coughs; tell the patient that it may be taken.",
    "S-OPIOID-IMPLIED": "{} is taken because of opioids: ask which are taken before anything is dispensed.",
    "S-NALOXONE-KIT": "{} is at hand for an overdose: ask whether opioids are taken.",
}


def _by_kind(code: str, kind: IngredientKind, stated: Stated, medicine: Medicine, rules: RuleSet) -> Finding:
    named = _names(rules.catalogue.ingredients_of(medicine, (kind,)))
    return rules.finding(code, _BECAUSE[code].format(named), stated, inputs={"ingredients": named})


def _loperamide(stated: Stated, rules: RuleSet) -> Finding:
    most = rules.decimal("S-LOPERAMIDE-HIGH", "over_mg_a_day")
    if stated.daily_dose_mg is not None and stated.daily_dose_mg > most:
        because = f"Loperamide over {most} mg a day is taken like an opioid."
        return rules.finding("S-LOPERAMIDE-HIGH", because, stated)
    return rules.finding("S-LOPERAMIDE", "Loperamide works less with naltrexone.", stated)


def _is_low_dose(stated: Stated, rules: RuleSet) -> bool:
    most = rules.decimal("S-DUPLICATE-LDN", "up_to_mg_a_day")
    return stated.daily_dose_mg is not None and stated.daily_dose_mg <= most


def _names(ingredients: tuple[str, ...]) -> str:
    words = " and ".join(ingredients)
    return words[:1].upper() + words[1:]
