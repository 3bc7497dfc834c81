"""The translation by itself: whatever comes in is understood or refused, and what is understood stays what it was."""

import random
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.quantities import Micrograms
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan
from pharmacy.usecases.commands import DosageForm
from pharmacy.web.fhir.element import Element, NotUnderstood
from pharmacy.web.fhir.exact import read, written
from pharmacy.web.fhir.medication_request import OrderRead, command_from, words_alone
from pharmacy.web.fhir.plan_told import MadeAs, dosages_of, medication_of
from pharmacy.web.fhir.references import References
from pharmacy.web.fhir.transaction import transaction_of
from tests.web.fhir.bodies import a_request
from tests.web.fhir.corpus import CORPUS

ZONE = "America/New_York"
# What takes another's place: each kind of value that JSON has, and some that nearly fit.
OTHERS: list[Any] = [
    None, True, False, 0, 1, -1, Decimal("1.50"), Decimal("1E+20"), Decimal("-0.0"), "", "x", "7", [], {}, [None],
    [[]], [{}], {"value": 1}, "2026-02-30", "active", "\u202e",
]  # fmt: skip


def understood(body: dict[str, Any]) -> OrderRead | None:
    """The order in the body; None for words alone. NotUnderstood for everything else."""
    if body.get("resourceType") == "Bundle":
        found = transaction_of(Element("Bundle", body))
        requests, came = found.requests, found.came
    else:
        requests, came = (Element("MedicationRequest", body),), References()
    if words_alone(requests, came) is not None:
        return None
    return command_from(requests, came, ZONE)


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Every container and key in it."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [place for key in keys for place in [(value, key), *places_in(value[key])]]


def spoilt(body: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The body with one to three of its parts left out, replaced, doubled or moved."""
    spoiled = deepcopy(body)
    for _ in range(chance.randint(1, 3)):
        places = places_in(spoiled)
        if not places:
            break
        holder, key = chance.choice(places)
        match chance.randrange(5):
            case 0:
                del holder[key]
            case 1:
                holder[key] = deepcopy(chance.choice(OTHERS))
            case 2:
                other, at = chance.choice(places)
                holder[key] = deepcopy(other[at])
            case 3 if isinstance(holder, list):
                holder.append(deepcopy(holder[key]))
            case _ if isinstance(holder, dict):
                holder[f"_{key}"] = {"extension": [{"url": "u"}]}
    return spoiled


@pytest.mark.parametrize("name", CORPUS)
@given(chance=st.randoms(use_true_random=False))
def test_whatever_is_spoilt_is_understood_or_refused_and_never_a_fault_of_ours(
    name: str, chance: random.Random
) -> None:
    body = read(written(spoilt(CORPUS[name], chance)))

    try:
        order = understood(body)
    except NotUnderstood:
        return

    if order is not None:
        again = understood(
            {**order.document, "contained": a_request()["contained"], **_references(order.document)}
        )
        assert again is not None
        assert again.read.plan == order.read.plan


def _references(document: dict[str, Any]) -> dict[str, Any]:
    """The people and the medicine of another request: the plan must not depend on them."""
    named = {"subject": {"reference": "#patient"}, "requester": {"reference": "#doctor"}}
    if "medicationReference" not in document:
        return named
    medication = [each for each in document["contained"] if each["resourceType"] == "Medication"]
    return {**named, "contained": [*a_request()["contained"], *medication]}


doses = st.integers(1, 10_000).map(Micrograms)
steps = st.builds(
    lambda times, first, second, days: Step(
        tuple(Intake(time, dose) for time, dose in zip(times, (first, second), strict=False)), days
    ),
    st.sampled_from([(TimeOfDay.MORNING,), (TimeOfDay.BEDTIME,), tuple(TimeOfDay)]),
    doses,
    doses,
    st.integers(1, 366),
)
plans = st.lists(steps, min_size=1, max_size=24).map(lambda found: TitrationPlan(tuple(found)))


@given(plan=plans)
def test_every_plan_goes_out_and_comes_back_as_itself(plan: TitrationPlan) -> None:
    sent = read(written(a_request(dosageInstruction=dosages_of(plan))))

    order = understood(sent)

    assert order is not None
    assert order.read.plan == plan
    kept = read(written(order.document))
    assert kept["dosageInstruction"] == sent["dosageInstruction"]
    assert written(kept["dosageInstruction"][0]) == written(sent["dosageInstruction"][0])


@given(plan=plans, per_ml=st.sampled_from(["100", "500", "1000", "1500", "3000"]).map(Decimal))
def test_every_plan_goes_out_as_a_liquid_and_comes_back_as_itself(
    plan: TitrationPlan, per_ml: Decimal
) -> None:
    liquid = MadeAs(per_ml)
    sent = read(
        written(
            a_request(
                medicationCodeableConcept=medication_of(liquid), dosageInstruction=dosages_of(plan, liquid)
            )
        )
    )

    order = understood(sent)

    assert order is not None
    assert order.read.plan == plan
    assert order.submission.supply.dosage_form is DosageForm.ORAL_LIQUID
    for each in sent["dosageInstruction"]:
        told = each["doseAndRate"][0]["doseQuantity"]
        # Where no syringe shows the volume exactly, the dose is told by its mass.
        assert told["unit"] == ("mL" if f" mL ({told_mass(each)})" in each["text"] else "mg")


def told_mass(instruction: dict[str, Any]) -> str:
    """ "4.5 mg" of "4.5 mL (4.5 mg) at bedtime"."""
    return str(instruction["text"].partition("(")[2].partition(")")[0])


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("typical", "an order"),
        ("transaction", "an order"),
        ("group", "an order"),
        ("coded dosage", "an order"),
        ("ratio strength", "an order"),
        ("capsules", "an order"),
        ("words", "a proposal"),
        ("german", "a proposal"),
        ("by identifier", "refused"),
        ("hospital taper", "refused"),
        ("extended primitives", "refused"),
        ("pain", "refused"),
        ("infusion", "refused"),
        ("insulin", "refused"),
        ("nothing", "refused"),
    ],
)
def test_the_corpus_becomes_orders_proposals_and_refusals(name: str, becomes: str) -> None:
    try:
        order = understood(CORPUS[name])
        found = "a proposal" if order is None else "an order"
    except NotUnderstood:
        found = "refused"

    assert found == becomes
