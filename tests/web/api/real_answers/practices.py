"""The pharmacist-in-charge opens a practice, gives its system a key and a secret, and ends them again."""

from pharmacy.domain.orders import Role
from pharmacy.usecases.open_demo import DEMO_CLIENT_ID, DEMO_SECRET
from tests.assertions import an_ec_key, public_half
from tests.web.api.real_answers import Answers, Callers

REASON = {"reason": "the practice has changed its system"}
PRESCRIBER = {
    "npi": "2234567891", "full_name": "Dr. Rosa Example", "licence_number": "NY-000001",
    "licence_state": "NY", "expires_on": "2027-11-23",
}  # fmt: skip


def answers(callers: Callers) -> Answers:
    staff = callers.staff_api(Role.PHARMACIST_IN_CHARGE)
    practice = staff.post("/practices", {"name": "Elm Street Clinic"})
    at = f"/practices/{practice.get_json()['id']}"
    client = staff.post(f"{at}/clients", {"name": "EHR", "scopes": ["orders.read"]})
    system = f"/clients/{client.get_json()['id']}"
    prescriber = staff.post(f"{at}/prescribers", PRESCRIBER)
    revoked = {"client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET, "token": "of nobody"}
    return {
        ("POST", "/api/v1/oauth/revoke"): [staff.client.post("/api/v1/oauth/revoke", data=revoked)],
        ("POST", "/api/v1/practices"): [practice],
        ("GET", "/api/v1/practices"): [staff.get("/practices?limit=1")],
        ("POST", "/api/v1/practices/{practice_id}/clients"): [client],
        ("GET", "/api/v1/practices/{practice_id}/clients"): [staff.get(f"{at}/clients")],
        ("POST", "/api/v1/practices/{practice_id}/prescribers"): [prescriber],
        ("GET", "/api/v1/practices/{practice_id}/prescribers"): [staff.get(f"{at}/prescribers")],
        ("POST", "/api/v1/clients/{api_client_id}/keys"): [
            staff.post(f"{system}/keys", public_half(an_ec_key()))
        ],
        ("GET", "/api/v1/clients/{api_client_id}/keys"): [staff.get(f"{system}/keys")],
        ("POST", "/api/v1/clients/{api_client_id}/secret"): [
            staff.post(f"{system}/secret", {"overlap_hours": 1}),
            staff.post(f"{system}/secret", {"overlap_hours": 1}),
        ],
        ("POST", "/api/v1/clients/{api_client_id}/keys/{kid}/end"): [
            staff.post(f"{system}/keys/first/end", {"overlap_hours": 1})
        ],
        ("POST", "/api/v1/clients/{api_client_id}/scopes"): [
            staff.post(f"{system}/scopes", {"scopes": ["quotes.read"]})
        ],
        ("POST", "/api/v1/clients/{api_client_id}/shut-out"): [staff.post(f"{system}/shut-out", REASON)],
        ("POST", "/api/v1/clients/{api_client_id}/let-in-again"): [
            staff.post(f"{system}/let-in-again", REASON)
        ],
        ("POST", "/api/v1/prescribers/{prescriber_id}/withdraw"): [
            staff.post(f"/prescribers/{prescriber.get_json()['id']}/withdraw", REASON)
        ],
    }
