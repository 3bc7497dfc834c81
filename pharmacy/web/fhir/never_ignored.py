"""What may turn a request into its opposite, looked for before anything else is read.

A modifier extension or implicit rules anywhere, in a contained resource or in another entry of a transaction,
change the meaning of what is around them (FHIR R4, extensibility and resource rules). None is understood here, so
each is refused. So is a request that forbids, is not active, or is no order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pharmacy.web.fhir.element import (
    BUSINESS_RULE,
    INVALID,
    NOT_SUPPORTED,
    STRUCTURE,
    Element,
    Issue,
    NotUnderstood,
)

_UNSAFE = ("modifierExtension", "implicitRules")


def require_nothing_hidden(resource: Element) -> None:
    """Nothing, when no modifier extension, no implicit rules and no null stand anywhere in it."""
    issues = tuple(_hidden(resource.members, resource.path))
    if issues:
        raise NotUnderstood(*issues[:20])


def _hidden(value: Any, path: str) -> Iterator[Issue]:
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _hidden(each, f"{path}[{index}]")
    if not isinstance(value, dict):
        return
    for name, each in value.items():
        place = f"{path}.{name}"
        if name.removeprefix("_") in _UNSAFE:
            text = f"{name} may change the meaning of the request and is not understood here."
            yield Issue(code=NOT_SUPPORTED, text=text, expression=place, reason="never-ignored")
        elif each is None:
            yield Issue(code=STRUCTURE, text=f"{name} must not be null.", expression=place)
        else:
            yield from _hidden(each, place)


def require_living_order(request: Element) -> None:
    """Nothing, when the request is an active order to give the medicine; NotUnderstood otherwise."""
    for name in ("status", "intent", "doNotPerform"):
        if request.has(f"_{name}"):
            request.refuse(f"{name} is extended in a way that is not understood here.", name)
    if request.flag("doNotPerform"):
        request.refuse("A request not to give a medicine is no order.", "doNotPerform", code=BUSINESS_RULE)
    if request.word("status") != "active":
        request.refuse("Only a request of status active is an order.", "status", code=BUSINESS_RULE)
    if request.word("intent") != "order":
        request.refuse("Only a request of intent order is an order.", "intent", code=BUSINESS_RULE)
    if request.flag("reportedBoolean") or request.has("reportedReference"):
        request.refuse("A reported request is no order.", "reported", code=BUSINESS_RULE)
    if request.has("priorPrescription"):
        text = "A renewal goes by /api/v1/prescriptions/{id}/renewals, so that the earlier one is closed."
        request.refuse(text, "priorPrescription", code=INVALID)
