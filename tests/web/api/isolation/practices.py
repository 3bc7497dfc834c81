"""Practices, their systems and their rosters, kept by staff."""

from pharmacy.usecases.open_demo import DEMO_CLIENT_ID, DEMO_SECRET
from tests.web.api.isolation import anybody, to_staff

_REASON = to_staff({"reason": "the practice has changed its system"})
_OVERLAP = to_staff({"overlap_hours": 0})
_PRESCRIBER = {
    "npi": "2234567891", "full_name": "Dr. Rosa Example", "licence_number": "NY-1", "licence_state": "NY",
    "expires_on": "2027-11-23",
}  # fmt: skip

REACHES = {
    ("POST", "/api/v1/oauth/revoke"): anybody(
        {"client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET, "token": "of nobody"}, form=True
    ),
    ("POST", "/api/v1/practices"): to_staff({"name": "Elm Street Clinic"}),
    ("POST", "/api/v1/practices/{practice_id}/clients"): to_staff({"name": "EHR", "scopes": []}),
    ("POST", "/api/v1/practices/{practice_id}/prescribers"): to_staff(_PRESCRIBER),
    ("POST", "/api/v1/prescribers/{prescriber_id}/withdraw"): _REASON,
    ("POST", "/api/v1/clients/{api_client_id}/secret"): _OVERLAP,
    ("POST", "/api/v1/clients/{api_client_id}/keys"): to_staff({"kty": "EC", "kid": "first"}),
    ("POST", "/api/v1/clients/{api_client_id}/keys/{kid}/end"): _OVERLAP,
    ("POST", "/api/v1/clients/{api_client_id}/scopes"): to_staff({"scopes": []}),
    ("POST", "/api/v1/clients/{api_client_id}/shut-out"): _REASON,
    ("POST", "/api/v1/clients/{api_client_id}/let-in-again"): _REASON,
}
