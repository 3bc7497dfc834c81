"""Settings in words: what each is about, what it says now, and on whose word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pharmacy.store.reference import Setting
from pharmacy.web.console.language import lazy_gettext
from pharmacy.web.console.setting_fields import value_in_words
from pharmacy.web.console.words import Moment, instant_moment

_TITLES: Mapping[str, str] = {
    "acceptance_valid_days": lazy_gettext("Days in which a price is accepted"),
    "adjusting": lazy_gettext("Changing a plan midway"),
    "answers_hold_days": lazy_gettext("Days for which a patient's answers are taken over"),
    "anticipation": lazy_gettext("Making ahead of orders"),
    "authorisation_days": lazy_gettext("Days for which a payment is held"),
    "batch_planner": lazy_gettext("Batch planner"),
    "beyond_use_category": lazy_gettext("Category of the beyond-use date"),
    "calibration_months": lazy_gettext("Months between calibrations"),
    "capsule_look": lazy_gettext("What capsules look like"),
    "capsule_filling": lazy_gettext("Shells and machine"),
    "capsule_plate": lazy_gettext("Capsules on a plate"),
    "capsule_shell": lazy_gettext("Capsule size"),
    "closed_on": lazy_gettext("Days on which the pharmacy is closed"),
    "count_every_days": lazy_gettext("Days between counts"),
    "count_tolerance": lazy_gettext("Difference that a count may show"),
    "counter": lazy_gettext("At the counter"),
    "default_supply_method": lazy_gettext("Usual way to supply a plan"),
    "dose_limits": lazy_gettext("Limits of the daily dose"),
    "figures_recount_minutes": lazy_gettext("Minutes until it is counted again how far patients get"),
    "filler_method": lazy_gettext("How filler is worked out"),
    "formula_excipients": lazy_gettext("Filler and shell, for allergies"),
    "formulary": lazy_gettext("Strengths that are made"),
    "investigation_days": lazy_gettext("Days to look into a difference"),
    "licensed_states": lazy_gettext("States to which the pharmacy may ship"),
    "monthly_mark_usd": lazy_gettext("Price a month that is marked"),
    "months_without_expiry": lazy_gettext("Months of a lot without printed expiry"),
    "notices": lazy_gettext("When patients are told"),
    "oral_liquid": lazy_gettext("Oral liquid"),
    "overage_tiers": lazy_gettext("Capsules made above what is due"),
    "packet_most_orders": lazy_gettext("Most orders in an inspector's packet"),
    "pharmacy_state": lazy_gettext("State that licenses the pharmacy"),
    "prescription_validity_by_state": lazy_gettext("How long a prescription holds, by state"),
    "prescription_validity_months": lazy_gettext("Months for which a prescription holds"),
    "preview_most_orders": lazy_gettext("Most orders on which prices are tried"),
    "private_link_tries": lazy_gettext("Tries at a private link"),
    "private_link_valid_days": lazy_gettext("Days for which a private link holds"),
    "promise_business_days": lazy_gettext("Business days of the promise"),
    "proposed_triturate": lazy_gettext("Stock triturate that is proposed"),
    "quote_valid_days": lazy_gettext("Days for which a quote binds"),
    "rate_limits": lazy_gettext("How often systems may ask"),
    "refills": lazy_gettext("When a refill is allowed"),
    "renewal_lead_days": lazy_gettext("Days before which a renewal is asked"),
    "room_limits": lazy_gettext("Temperature and humidity"),
    "serious_event_days": lazy_gettext("Days to report a serious event"),
    "sign_in": lazy_gettext("How staff sign in"),
    "single_pharmacist": lazy_gettext("One pharmacist alone may release and verify"),
    "training_months": lazy_gettext("Months for which a training holds"),
    "webhook_waits_seconds": lazy_gettext("Waits before an event is told again"),
    "weighing_tolerance_pct": lazy_gettext("Tolerance of a weighing"),
    "weight_limits": lazy_gettext("Weights of capsules"),
    "yield_policy": lazy_gettext("Yield of a batch"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRow:
    name: str
    title: str
    value: str
    source: str
    owner: str
    reason: str
    set_at: Moment


def setting_title(name: str) -> str:
    """What the setting is about; one that nobody worded is called as it is kept."""
    return str(_TITLES.get(name, name.replace("_", " ").capitalize()))


def setting_row(setting: Setting, zone: ZoneInfo) -> SettingRow:
    return SettingRow(
        name=setting.name,
        title=setting_title(setting.name),
        value=value_in_words(setting.value),
        source=setting.source,
        owner=setting.owner,
        reason=setting.reason,
        set_at=instant_moment(setting.set_at, zone),
    )
