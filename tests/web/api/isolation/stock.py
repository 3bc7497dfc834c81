"""Components, lots, ledgers, formulations, equipment, trainings and logs: the house's own, for staff."""

from tests.web.api.isolation import MISSING, to_staff
from tests.web.api.stock_bodies import a_certificate_body, an_incident_body

_LOT = {
    "component_id": MISSING,
    "number": "NTX-7",
    "vendor": "Example Chemicals",
    "manufacturer": "Example Works",
    "mass_mg": "25000",
    "expiry": {"year": 2028, "month": 2},
    "grade": "USP",
    "storage": "tight container",
    "certificate": a_certificate_body(),
}
_FORMULATION = {
    "code": "LDN-CAPS",
    "name": "capsules",
    "form": "capsule",
    "strength": {"least_mg": "0.1", "most_mg": "10", "per": "capsule"},
    "components": [{"component_id": MISSING, "amount": "label strength"}],
    "shell": {"size": "3", "material": "hypromellose"},
    "characteristics": "USP",
    "container_closure": "tight",
    "instructions": {"equipment": ["balance"], "supplies": ["boats"], "steps": ["Weigh."]},
    "description": "white powder",
    "beyond_use": {"category": "solid", "days": 180, "storage": "room temperature"},
    "beyond_use_reference": "USP <795>",
    "calculations": ["potency"],
    "labelling": ["strength"],
    "quality_checks": [{"check": "net weight", "expected": "90 to 110 %"}],
    "repeatability": "lots are on record",
}
_SHELL = {
    "size": "4", "vendor": "Example Shells", "material": "gelatin", "volume_ml": "0.21", "empty_mg": "38",
    "tags": ["animal"], "source": "vendor's table",
}  # fmt: skip
_PACKING = {
    "shell_id": MISSING, "machine": "hand filler", "shells_filled": 10, "filled_mg": "1346", "empty_mg": "380",
}  # fmt: skip
_READING = {"room": "bench", "read_at": "2026-11-23T14:00:00Z", "temperature_c": "22", "humidity_pct": "41"}
_CALIBRATION = {"calibrated_on": "2026-11-20", "has_passed": True, "performed_by": "Example Service"}
_TRAINING = {"competency": "garbing", "trained_on": "2026-11-20", "method": "observed at work"}

REACHES = {
    ("POST", "/api/v1/components"): to_staff({"name": "mannitol", "kind": "filler"}),
    ("POST", "/api/v1/component-lots"): to_staff(_LOT),
    ("POST", "/api/v1/component-lots/choice"): to_staff({"kind": "api", "need_mg": "1000"}),
    ("POST", "/api/v1/component-lots/scans"): to_staff({"scan": "10A"}),
    ("POST", "/api/v1/component-lots/{lot_id}/decisions"): to_staff({"act": "quarantine", "reason": "x"}),
    ("POST", "/api/v1/stock/{stock_id}/movements"): to_staff(
        {"kind": "waste", "mass_mg": "1", "reason": "spilt"}
    ),
    ("POST", "/api/v1/component-lots/{lot_id}/containers"): to_staff({"mass_mg": "1000"}),
    ("POST", "/api/v1/stock/{stock_id}/transfers"): to_staff(
        {"way": "out", "mass_mg": "1", "reason": "to the other room"}
    ),
    ("POST", "/api/v1/stock-movements/{movement_id}/put-back"): to_staff({"reason": "another lot"}),
    ("POST", "/api/v1/stock/{stock_id}/counts"): to_staff({"counted_mg": "1"}),
    ("POST", "/api/v1/stock/{stock_id}/packing-statistics"): to_staff(_PACKING),
    ("POST", "/api/v1/formulations"): to_staff(_FORMULATION),
    ("POST", "/api/v1/formulations/{formulation_id}/approval"): to_staff({"effective_on": "2026-12-01"}),
    ("POST", "/api/v1/balances"): to_staff(
        {"name": "B2", "readability_mg": "0.1", "certificate_minimum_mg": "20"}
    ),
    ("POST", "/api/v1/balances/{balance_id}/calibrations"): to_staff(_CALIBRATION),
    ("POST", "/api/v1/shells"): to_staff(_SHELL),
    ("POST", "/api/v1/staff-members/{staff_member_id}/trainings"): to_staff(_TRAINING),
    ("POST", "/api/v1/incidents"): to_staff(an_incident_body(component_lot_id=MISSING)),
    ("POST", "/api/v1/incidents/{incident_id}/entries"): to_staff({"kind": "outcome", "wording": "x"}),
    ("POST", "/api/v1/room-readings"): to_staff(_READING),
    ("POST", "/api/v1/cleanings"): to_staff(
        {"place": "bench", "agent": "alcohol", "cleaned_at": "2026-11-23T14:00:00Z"}
    ),
}
