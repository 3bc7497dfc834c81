"""Where people and systems come in, and what is for staff."""

from pharmacy.usecases.open_demo import DEMO_CLIENT_ID, DEMO_PASSWORD, DEMO_SECRET
from tests.web.api.isolation import anybody, to_staff

REACHES = {
    ("POST", "/api/v1/oauth/token"): anybody(
        {"grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET},
        form=True,
    ),
    ("POST", "/api/v1/staff/sessions"): anybody({"username": "tess", "password": DEMO_PASSWORD}),
    ("POST", "/api/v1/tasks/{task_id}/close"): to_staff({"outcome": "spoken to"}),
}
