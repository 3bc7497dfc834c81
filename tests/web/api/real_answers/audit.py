"""The pharmacist-in-charge reads the trail and has it verified."""

from pharmacy.domain.orders import Role
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    in_charge = callers.staff_api(Role.PHARMACIST_IN_CHARGE)
    return {
        ("GET", "/api/v1/audit"): [in_charge.get("/audit"), in_charge.get("/audit?limit=1")],
        ("GET", "/api/v1/audit/verify"): [in_charge.get("/audit/verify")],
    }
