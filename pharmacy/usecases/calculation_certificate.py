"""The certificate of a calculation: which engine, from which inputs, with which answers, under one hash.

Whoever doubts a worksheet has it worked out again from the inputs that were kept. The certificate holds when the
same engine gives the same answers, the hash is that of both, and the books still say of the lots and the balance
what they said then; else every difference is named.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from pharmacy.domain.batch_calculation import (
    Asked,
    Calculation,
    CapsulesAsked,
    LiquidAsked,
    PlainBench,
    TriturateAsked,
    calculate,
)
from pharmacy.domain.bench import Bench
from pharmacy.domain.beyond_use import BeyondUse, Category, beyond_use_date
from pharmacy.usecases.figures_as_facts import figure_facts, figures_facts
from pharmacy.usecases.values_as_facts import as_facts, from_facts

# Raised whenever the same inputs would give other answers.
ENGINE = "bench 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalculationInputs:
    """Everything that a worksheet depends on."""

    asked: CapsulesAsked | TriturateAsked | LiquidAsked
    bench: Bench | PlainBench
    compounded_on: date
    category: Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A calculation with its beyond-use date, as worked out just now, and the certificate of it."""

    calculation: Calculation
    beyond_use: BeyondUse
    certificate: dict[str, Any]


def certify(asked: Asked, bench: Bench | PlainBench, compounded_on: date, category: Category) -> Certified:
    """The calculation and its certificate. Raises what weighing refuses, and ComponentExpired."""
    inputs = CalculationInputs(asked=asked, bench=bench, compounded_on=compounded_on, category=category)
    return _certified(inputs)


def recalculate(certificate: dict[str, Any]) -> Certified:
    """The same once more from the inputs that the certificate keeps."""
    return _certified(kept_inputs(certificate))


def kept_inputs(certificate: dict[str, Any]) -> CalculationInputs:
    """What the certificate was worked out from."""
    return from_facts(CalculationInputs, certificate["inputs"])


def answers_of(calculation: Calculation, beyond_use: BeyondUse) -> dict[str, Any]:
    """What a calculation answers, as a worksheet keeps it."""
    return {
        "figures": [*figures_facts(calculation.figures), figure_facts(beyond_use.figure)],
        "instructions": list(calculation.instructions),
        "loads": list(calculation.loads),
        "rounds": [
            {"added_mg": format(each.added.value, "f"), "total_mg": format(each.total.value, "f")}
            for each in calculation.rounds
        ],
    }


def hash_of(certificate: dict[str, Any], answers: dict[str, Any]) -> str:
    """SHA-256 over engine, inputs and answers in one canonical form."""
    hashed = {"engine": certificate["engine"], "inputs": certificate["inputs"], "answers": answers}
    return hashlib.sha256(orjson.dumps(hashed, option=orjson.OPT_SORT_KEYS)).hexdigest()


def differences(kept: Any, now: Any, path: str = "") -> list[str]:
    """Where the two differ, as sentences with the path of the place; the order of keys is no difference."""
    if isinstance(kept, dict) and isinstance(now, dict):
        names = sorted(kept.keys() | now.keys())
        return [
            each for name in names for each in differences(kept.get(name), now.get(name), f"{path}/{name}")
        ]
    if isinstance(kept, list) and isinstance(now, list) and len(kept) == len(now):
        pairs = enumerate(zip(kept, now, strict=True))
        return [each for place, (one, other) in pairs for each in differences(one, other, f"{path}/{place}")]
    return [] if kept == now else [f"{path}: kept {kept}, now {now}"]


def _certified(inputs: CalculationInputs) -> Certified:
    calculation = calculate(inputs.asked, inputs.bench)
    beyond_use = beyond_use_date(inputs.compounded_on, inputs.category, calculation.limits)
    certificate: dict[str, Any] = {"engine": ENGINE, "inputs": as_facts(inputs)}
    certificate["sha256"] = hash_of(certificate, answers_of(calculation, beyond_use))
    return Certified(calculation=calculation, beyond_use=beyond_use, certificate=certificate)
