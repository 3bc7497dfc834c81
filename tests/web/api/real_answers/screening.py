"""A pharmacist reviews, asks and overrides; the practice answers; records are revised, merged and taken apart."""

from pharmacy.domain.orders import OrderStatus, Role
from tests.builders import an_order
from tests.web.api.real_answers import Answers, Callers

_TOLD = {"who": "Dr. Example", "when": "23 Nov, 10:00", "how": "by telephone, read back"}


def answers(callers: Callers) -> Answers:
    work, api = callers.work, callers.api
    pharmacist, in_charge = (callers.staff_api(role) for role in (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE))
    minor = {"/patient/birth_on": "2012-01-01"}
    order_id = work.submit(an_order(minor))
    work.carry_out()
    address, here = f"/orders/{order_id}", "/api/v1/orders/{order_id}"

    def seen() -> dict[str, int]:
        return {"version": work.order(order_id).version}

    started = pharmacist.post(f"{address}/review", {**seen(), "act": "start_review"})
    asked = pharmacist.post(
        f"{address}/clarifications", {**seen(), "code": "C-DOSE", "question": "Which dose is meant?"}
    )
    answer = api.post(f"{address}/answers", {"answers": [{"code": "C-DOSE", "answer": "As written."}]})
    pharmacist.post(f"{address}/clarifications", {**seen(), "code": "C-OTHER", "question": "Is it urgent?"})
    by_staff = pharmacist.post(
        f"{address}/answers/by-staff",
        {"answers": [{"code": "C-OTHER", "answer": "No, it is not.", "told": _TOLD}]},
    )
    screened = pharmacist.post(f"{address}/screenings", seen())
    why = {"codes": ["S-AGE-UNDER-18"], "reason": "letter of the consultant", "contact": "Dr. Example, 14:05"}
    overridden = pharmacist.post(f"{address}/overrides", {**seen(), **why})
    patient, other = (
        work.order(each).patient_id
        for each in (order_id, work.bring_to(OrderStatus.RECEIVED, an_order(minor)))
    )
    of_patient, there = f"/patients/{patient}", "/api/v1/patients/{patient_id}"
    link = {"other_id": str(other), "reason": "the same insurance card"}
    matches = pharmacist.get(f"{of_patient}/matches")
    merged = pharmacist.post(f"{of_patient}/merge", link)
    unmerged = pharmacist.post(f"{of_patient}/unmerge", link)
    version = unmerged.get_json()["version"]
    revision = {"version": version, "reason": "moved last month", "allergies": ["penicillin"]}
    rules = pharmacist.get("/screening-rules")
    change = {"version": 1, "severity": "block", "numbers": {}, "source": "house", "reason": "no minors here"}
    return {
        ("POST", f"{here}/review"): [started],
        ("POST", f"{here}/clarifications"): [asked],
        ("POST", f"{here}/answers"): [answer],
        ("POST", f"{here}/answers/by-staff"): [by_staff],
        ("POST", f"{here}/screenings"): [screened],
        ("POST", f"{here}/overrides"): [overridden],
        ("GET", f"{here}/screenings"): [pharmacist.get(f"{address}/screenings")],
        ("GET", "/api/v1/patients"): [pharmacist.get("/patients?name=sample")],
        ("GET", there): [pharmacist.get(of_patient)],
        ("GET", f"{there}/matches"): [matches],
        ("POST", f"{there}/merge"): [merged],
        ("POST", f"{there}/unmerge"): [unmerged],
        ("PATCH", there): [pharmacist.send("PATCH", of_patient, json=revision)],
        ("POST", f"{there}/tell-apart"): [pharmacist.post(f"{of_patient}/tell-apart", link)],
        ("GET", "/api/v1/screening-rules"): [rules],
        ("GET", "/api/v1/screening-rules/{code}"): [pharmacist.get("/screening-rules/S-AGE-UNDER-18")],
        ("POST", "/api/v1/screening-rules/{code}/versions"): [
            in_charge.post("/screening-rules/S-AGE-UNDER-18/versions", change)
        ],
    }
