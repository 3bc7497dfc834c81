"""The single numbers of a price book: their words, and what was typed for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pharmacy.domain.errors import PharmacyError
from pharmacy.web.console.forms import Form
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.typed import number_of
from pharmacy.web.states import STATES

_USD, _CAPSULES = "USD", lazy_gettext("capsules")
# What is edited as a number, with its words and its unit.
NUMBERS: Mapping[str, tuple[Any, str]] = {
    "api_per_gram": (lazy_gettext("Naltrexone, a gram"), _USD),
    "filler_per_gram": (lazy_gettext("Filler, a gram"), _USD),
    "shell": (lazy_gettext("An empty shell"), _USD),
    "vehicle_per_ml": (lazy_gettext("Vehicle of a liquid, a millilitre"), _USD),
    "ingredient_multiplier": (lazy_gettext("Ingredients, multiplied by"), ""),
    "labour_per_minute": (lazy_gettext("A minute of labour"), _USD),
    "setup_minutes": (lazy_gettext("To set up"), "min"),
    "minutes_per_strength": (lazy_gettext("For each strength"), "min"),
    "minutes_per_capsule": (lazy_gettext("For each capsule"), "min"),
    "script_fee": (lazy_gettext("Script fee"), _USD),
    "extra_vial_fee": (lazy_gettext("Each further vial"), _USD),
    "small_vial": (lazy_gettext("A small vial"), _USD),
    "large_vial": (lazy_gettext("A large vial"), _USD),
    "bottle": (lazy_gettext("A bottle"), _USD),
    "small_vial_capsules": (lazy_gettext("A small vial holds"), _CAPSULES),
    "large_vial_capsules": (lazy_gettext("A large vial holds"), _CAPSULES),
    "round_up_to": (lazy_gettext("Rounded up to"), _USD),
    "minimum_charge": (lazy_gettext("Minimum charge"), _USD),
    "shipping": (lazy_gettext("Shipping"), _USD),
    "free_shipping_from": (lazy_gettext("No shipping from a price of"), _USD),
    "discount_from_days": (lazy_gettext("Discount for a long supply, from"), "days"),
    "discount_share": (lazy_gettext("Discount for a long supply, share"), ""),
    "potency_fraction": (lazy_gettext("Usual potency, a fraction"), ""),
    "api_packing_mg": (lazy_gettext("Naltrexone that fills a shell"), "mg"),
    "filler_packing_mg": (lazy_gettext("Filler that fills a shell"), "mg"),
}

# What is edited beside them: a choice, and a state or none.
OTHERS: Mapping[str, Any] = {
    "shipping_is_taxable": lazy_gettext("Tax on shipping"),
    "home_state": lazy_gettext("State of the counter, for its tax"),
}
_WHOLE = frozenset({"small_vial_capsules", "large_vial_capsules", "discount_from_days"})
# A book may be without these.
_MAY_LACK = frozenset({"free_shipping_from", "vehicle_per_ml", "bottle"})
_MOST_DIGITS = 4


def other_value(rules: Mapping[str, Any], name: str) -> str:
    """What stands there, in words."""
    if name == "shipping_is_taxable":
        return gettext("yes") if rules.get(name) else gettext("no")
    return rules.get(name) or "–"


def numbers_typed(form: Form) -> tuple[Form, dict[str, Any]]:
    """What changes of the numbers by what came; or the form with each fault at its field."""
    changes: dict[str, Any] = {}
    for name in NUMBERS:
        # A field that did not come changes nothing.
        if not form.chosen(name):
            continue
        try:
            changes[name] = _read(name, form[name])
        except (PharmacyError, ValueError) as refusal:
            form = form.at_fault(name, str(refusal))
    if form.chosen("shipping_is_taxable"):
        changes["shipping_is_taxable"] = form["shipping_is_taxable"] == "yes"
    if form.chosen("home_state"):
        changes["home_state"] = form["home_state"].upper()
        if form["home_state"] and changes["home_state"] not in STATES:
            form = form.at_fault("home_state", gettext("Two letters of a state are due here, or nothing."))
    return form, changes


def _read(name: str, text: str) -> Any:
    if not text and name in _MAY_LACK:
        return None
    if name in _WHOLE:
        if not (text.isascii() and text.isdecimal() and 1 <= len(text) <= _MOST_DIGITS and int(text)):
            raise ValueError(gettext("A whole number is due here."))
        return int(text)
    try:
        return str(number_of(text, name, ""))
    except PharmacyError:
        raise ValueError(gettext("Write a number, like 12.50.")) from None
