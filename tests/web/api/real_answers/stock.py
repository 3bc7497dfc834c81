"""Staff receive a lot, release it, use it up; measure, calibrate, train and keep the logs."""

from typing import Any

from werkzeug.test import TestResponse

from pharmacy.domain.orders import Role
from tests.callers import StaffApi
from tests.web.api.real_answers import Answers, Callers
from tests.web.api.stock_bodies import a_formulation_body, a_lot_body, an_incident_body, lot_id


def send(by: StaffApi, path: str, body: dict[str, Any]) -> TestResponse:
    """Under a key of its own: the same person has other answers given for other nouns."""
    return by.post(path, body, key=f"stock {path}")


def answers(callers: Callers) -> Answers:
    return {**_lots(callers), **_formulations(callers), **_equipment(callers), **_quality(callers)}


def _lots(callers: Callers) -> Answers:
    pharmacist, pharmacy = callers.staff_api(Role.PHARMACIST), callers.work.pharmacy
    component = send(
        pharmacist, "/components", {"name": "mannitol", "kind": "filler", "tags": [], "cas_number": "69-65-8"}
    )
    received = send(pharmacist, "/component-lots", a_lot_body(pharmacy))
    new_id = received.get_json()["id"]
    decided = send(
        pharmacist, f"/component-lots/{new_id}/decisions", {"act": "release", "reason": "papers in order"}
    )
    thrown = send(
        pharmacist, f"/stock/{new_id}/movements", {"kind": "waste", "mass_mg": "12.5", "reason": "spilt"}
    )
    put_back = send(
        pharmacist, f"/stock-movements/{thrown.get_json()['id']}/put-back", {"reason": "another lot"}
    )
    container = send(pharmacist, f"/component-lots/{new_id}/containers", {"mass_mg": "1000", "serial": "2"})
    moved = send(
        pharmacist, f"/stock/{new_id}/transfers", {"way": "out", "mass_mg": "5", "reason": "other room"}
    )
    scan = send(pharmacist, "/component-lots/scans", {"scan": "01095060001343521728020010NTX-7"})
    wanted = {"kind": "api", "need_mg": "1000"}
    return {
        ("GET", "/api/v1/components"): [pharmacist.get("/components")],
        ("POST", "/api/v1/components"): [component],
        ("POST", "/api/v1/component-lots"): [received],
        ("GET", "/api/v1/component-lots"): [
            pharmacist.get("/component-lots"),
            pharmacist.get("/component-lots?limit=1&status=released"),
        ],
        ("GET", "/api/v1/component-lots/{lot_id}"): [pharmacist.get(f"/component-lots/{new_id}")],
        ("POST", "/api/v1/component-lots/{lot_id}/decisions"): [decided],
        ("POST", "/api/v1/component-lots/{lot_id}/containers"): [container],
        ("POST", "/api/v1/stock/{stock_id}/transfers"): [moved],
        ("POST", "/api/v1/component-lots/scans"): [scan],
        ("POST", "/api/v1/component-lots/choice"): [
            send(pharmacist, "/component-lots/choice", wanted),
            send(pharmacist, "/component-lots/choice", {**wanted, "beyond_use_on": "2099-01-01"}),
        ],
        ("POST", "/api/v1/stock/{stock_id}/movements"): [thrown],
        ("POST", "/api/v1/stock-movements/{movement_id}/put-back"): [put_back],
        ("GET", "/api/v1/stock/{stock_id}/movements"): [pharmacist.get(f"/stock/{new_id}/movements")],
        ("POST", "/api/v1/stock/{stock_id}/counts"): [
            send(pharmacist, f"/stock/{new_id}/counts", {"counted_mg": "24000"})
        ],
        ("GET", "/api/v1/waste"): [pharmacist.get("/waste")],
    }


def _formulations(callers: Callers) -> Answers:
    pharmacist, in_charge = callers.staff_api(Role.PHARMACIST), callers.staff_api(Role.PHARMACIST_IN_CHARGE)
    written = send(pharmacist, "/formulations", a_formulation_body(callers.work.pharmacy))
    address = f"/formulations/{written.get_json()['id']}"
    return {
        ("POST", "/api/v1/formulations"): [written],
        ("POST", "/api/v1/formulations/{formulation_id}/approval"): [
            send(in_charge, f"{address}/approval", {"effective_on": "2026-12-01"})
        ],
        ("GET", "/api/v1/formulations/{formulation_id}"): [pharmacist.get(address)],
        ("GET", "/api/v1/formulations"): [pharmacist.get("/formulations?code=LDN-CAPS&limit=1")],
    }


def _equipment(callers: Callers) -> Answers:
    pharmacist, pharmacy = callers.staff_api(Role.PHARMACIST), callers.work.pharmacy
    balance = send(
        pharmacist,
        "/balances",
        {"name": "Class I, balance 2", "readability_mg": "0.1", "certificate_minimum_mg": "20"},
    )
    calibrations = f"/balances/{balance.get_json()['id']}/calibrations"
    calibrated = send(
        pharmacist,
        calibrations,
        {"calibrated_on": "2026-11-20", "has_passed": True, "performed_by": "Example Service"},
    )
    shell = send(pharmacist,
        "/shells",
        {
            "size": "4", "vendor": "Example Shells", "material": "gelatin", "volume_ml": "0.21",
            "empty_mg": "38", "tags": ["animal"], "source": "vendor's table",
        },
    )  # fmt: skip
    packing = f"/stock/{lot_id(pharmacy, 'MCC-2601')}/packing-statistics"
    measured = send(pharmacist,
        packing,
        {
            "shell_id": shell.get_json()["id"], "machine": "hand filler", "shells_filled": 10,
            "filled_mg": "1346", "empty_mg": "380", "tapped_g_per_ml": "0.46",
        },
    )  # fmt: skip
    return {
        ("GET", "/api/v1/balances"): [pharmacist.get("/balances")],
        ("POST", "/api/v1/balances"): [balance],
        ("POST", "/api/v1/balances/{balance_id}/calibrations"): [calibrated],
        ("GET", "/api/v1/balances/{balance_id}/calibrations"): [pharmacist.get(calibrations)],
        ("GET", "/api/v1/shells"): [pharmacist.get("/shells")],
        ("POST", "/api/v1/shells"): [shell],
        ("GET", "/api/v1/stock/{stock_id}/packing-statistics"): [pharmacist.get(packing)],
        ("POST", "/api/v1/stock/{stock_id}/packing-statistics"): [measured],
    }


def _quality(callers: Callers) -> Answers:
    pharmacist, pharmacy = callers.staff_api(Role.PHARMACIST), callers.work.pharmacy
    technician = callers.work.member(Role.TECHNICIAN).id
    trainings = f"/staff-members/{technician}/trainings"
    trained = send(
        pharmacist,
        trainings,
        {"competency": "garbing", "trained_on": "2026-11-20", "method": "observed at work"},
    )
    incident = send(
        pharmacist, "/incidents", an_incident_body(component_lot_id=str(lot_id(pharmacy, "NTX-2601")))
    )
    address = f"/incidents/{incident.get_json()['id']}"
    entry = send(
        pharmacist, f"{address}/entries", {"kind": "investigation", "wording": "Asked for the vial."}
    )
    reading = {
        "room": "bench",
        "read_at": "2026-11-23T14:00:00Z",
        "temperature_c": "26.5",
        "humidity_pct": "41",
    }
    cleaning = {"place": "bench", "agent": "70 % alcohol", "cleaned_at": "2026-11-23T14:00:00Z"}
    return {
        ("GET", "/api/v1/trainings"): [pharmacist.get("/trainings")],
        ("POST", "/api/v1/staff-members/{staff_member_id}/trainings"): [trained],
        ("GET", "/api/v1/staff-members/{staff_member_id}/trainings"): [pharmacist.get(trainings)],
        ("POST", "/api/v1/incidents"): [incident],
        ("POST", "/api/v1/incidents/{incident_id}/entries"): [entry],
        ("GET", "/api/v1/incidents/{incident_id}"): [pharmacist.get(address)],
        ("GET", "/api/v1/incidents"): [pharmacist.get("/incidents?limit=1")],
        ("POST", "/api/v1/room-readings"): [send(pharmacist, "/room-readings", reading)],
        ("GET", "/api/v1/room-readings"): [pharmacist.get("/room-readings?room=bench")],
        ("POST", "/api/v1/cleanings"): [send(pharmacist, "/cleanings", cleaning)],
        ("GET", "/api/v1/cleanings"): [pharmacist.get("/cleanings")],
    }
