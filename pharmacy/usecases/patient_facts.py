"""What is known of a patient, as values for screening and as facts for the books, both ways.

The profile of a record has `opioid`, `allergies`, `medicines` and `conditions`. Allergies in a new order are
added to those on record and never taken away by it: who forgets to mention one has not lost it. Medicines are
what is taken now, so the newest list counts; so does the newest answer about opioids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pharmacy.domain.errors import Where
from pharmacy.domain.screening import OpioidAnswer
from pharmacy.domain.screening.catalogue import words_of
from pharmacy.domain.screening.statements import (
    CodeSystem,
    Excipient,
    Formula,
    OpioidStatement,
    Origin,
    Stated,
    Tag,
)
from pharmacy.store.patients import Patient

Facts = dict[str, Any]


def stated_facts(stated: Stated) -> Facts:
    """One statement as it is kept; what is not there is left out."""
    facts: Facts = {"text": stated.text}
    if stated.code is not None and stated.system is not None:
        facts |= {"system": stated.system.value, "code": stated.code}
    if stated.daily_dose_mg is not None:
        facts["daily_dose_mg"] = str(stated.daily_dose_mg)
    return facts


def stated_of(facts: Mapping[str, Any], origin: Origin, where: Where = ()) -> Stated:
    dose = facts.get("daily_dose_mg")
    return Stated(
        text=facts["text"],
        system=CodeSystem(facts["system"]) if "system" in facts else None,
        code=facts.get("code"),
        daily_dose_mg=None if dose is None else Decimal(dose),
        origin=origin,
        where=where,
    )


def opioid_facts(statement: OpioidStatement) -> Facts:
    last = statement.last_dose_on
    return {
        "answer": statement.answer and statement.answer.value,
        "agent": None if statement.agent is None else stated_facts(statement.agent),
        "last_dose_on": None if last is None else last.isoformat(),
        "exception": statement.exception,
    }


def opioid_of(facts: Mapping[str, Any], origin: Origin) -> OpioidStatement:
    agent, last, answer = facts.get("agent"), facts.get("last_dose_on"), facts.get("answer")
    return OpioidStatement(
        answer=OpioidAnswer(answer) if answer else None,
        agent=None if agent is None else stated_of(agent, origin),
        last_dose_on=None if last is None else date.fromisoformat(last),
        exception=facts.get("exception"),
        origin=origin,
    )


def listed(profile: Mapping[str, Any], name: str, origin: Origin) -> tuple[Stated, ...]:
    """The statements of that list, each with its place in an order that states them in the same order."""
    return tuple(stated_of(facts, origin, (name, index)) for index, facts in enumerate(profile.get(name, ())))


def with_allergies(known: Iterable[Mapping[str, Any]], stated: Iterable[Mapping[str, Any]]) -> list[Facts]:
    """Those on record and those that are new: the same words or the same code are the same allergy."""
    kept = [dict(each) for each in known]
    seen = {key for each in kept for key in _keys(each)}
    for each in stated:
        if seen.isdisjoint(_keys(each)):
            kept.append(dict(each))
            seen |= _keys(each)
    return kept


def _keys(facts: Mapping[str, Any]) -> set[tuple[str, ...]]:
    keys = {("words", *words_of(facts["text"]))}
    return keys | {(facts["system"], facts["code"])} if "code" in facts else keys


def fill_answers(
    opioid: OpioidStatement,
    *,
    detail: str | None,
    allergies: Sequence[Stated] | None,
    no_known_allergies: bool,
    medicines: Sequence[Stated] | None,
) -> Facts:
    """What a fill was answered, in words as an order keeps it, and `coded` as it was stated."""
    said = [opioid.agent.text] if opioid.agent is not None else []
    if opioid.last_dose_on is not None:
        said.append(f"last dose {opioid.last_dose_on.isoformat()}")
    is_told = opioid.agent is not None or opioid.last_dose_on is not None or opioid.exception is not None
    return {
        "opioid_last_14_days": opioid.answer,
        "opioid_detail": detail or ", ".join(said) or None,
        "allergies": None if allergies is None else [each.text for each in allergies],
        "no_known_allergies": no_known_allergies,
        "medicines": None if medicines is None else [each.text for each in medicines],
        "coded": {
            "opioid": opioid_facts(opioid) if is_told else None,
            "allergies": [stated_facts(each) for each in allergies or ()],
            "medicines": [stated_facts(each) for each in medicines or ()],
        },
    }


def learn_answers(patient: Patient, answers: Mapping[str, Any], now: datetime) -> None:
    """The record knows what a fill was answered."""
    profile = profile_with(patient.profile, answers)
    if profile != patient.profile:
        patient.profile = profile
        patient.profile_changed_at = now


def profile_with(known: Mapping[str, Any], answers: Mapping[str, Any]) -> Facts:
    """What is known once a fill has been answered: allergies are added, medicines and opioids are as of now.

    `coded` among the answers are the same statements with their codes. What comes as mere words keeps the code
    that is on record under the same words.
    """
    profile, coded = dict(known), answers.get("coded") or {}
    if answers.get("opioid_last_14_days") and not _same_opioid(profile.get("opioid"), answers):
        profile["opioid"] = coded.get("opioid") or _opioid_in_words(answers)
    allergies = coded.get("allergies") or [{"text": text} for text in answers.get("allergies") or ()]
    if allergies:
        profile["allergies"] = with_allergies(profile.get("allergies", ()), allergies)
    if answers.get("medicines") is not None:
        by_words = {each["text"]: each for each in profile.get("medicines", ())}
        stated = coded.get("medicines") or [{"text": text} for text in answers["medicines"]]
        profile["medicines"] = [
            by_words.get(each["text"], each) if "code" not in each else each for each in stated
        ]
    return profile


def _opioid_in_words(answers: Mapping[str, Any]) -> Facts:
    detail = answers.get("opioid_detail")
    return opioid_facts(
        OpioidStatement(
            answer=OpioidAnswer(answers["opioid_last_14_days"]),
            agent=Stated(text=detail) if detail else None,
        )
    )


def _same_opioid(known: Mapping[str, Any] | None, answers: Mapping[str, Any]) -> bool:
    """Whether the answer says no more than the record, which may know the day of the last dose besides."""
    if not known or known.get("answer") != answers["opioid_last_14_days"]:
        return False
    if (answers.get("coded") or {}).get("opioid"):
        return False
    agent, detail = (known.get("agent") or {}).get("text", ""), answers.get("opioid_detail") or ""
    return agent in detail if agent else not detail


def told_by_hand(texts: Iterable[str]) -> tuple[Stated, ...]:
    """What somebody wrote down as mere words."""
    return tuple(Stated(text=text) for text in texts)


def from_origin(statements: Iterable[Stated], origin: Origin) -> tuple[Stated, ...]:
    """The same, as another record states it: its place is not in this order."""
    return tuple(replace(each, origin=origin, where=()) for each in statements)


def formula_of(setting: Mapping[str, Any]) -> Formula:
    """What the capsules consist of, from the house's setting."""
    return Formula(filler=_excipient(setting["filler"]), shell=_excipient(setting["shell"]))


def _excipient(facts: Mapping[str, Any]) -> Excipient:
    return Excipient(name=facts["name"], tags=frozenset(Tag(tag) for tag in facts["tags"]))
