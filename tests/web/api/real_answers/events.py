"""A practice subscribes to events, reads its log, and ends the endpoint; staff look at what is parked."""

from pharmacy.domain.orders import Role
from pharmacy.usecases.relay_events import relay_events
from tests.builders import an_order
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    api, pharmacy = callers.api, callers.work.pharmacy
    added = api.post("/webhook-endpoints", {"url": "https://hooks.clinic.example/orders"})
    at = f"/webhook-endpoints/{added.get_json()['id']}"
    secret = api.send("POST", f"{at}/secret", json={"overlap_hours": 0})
    api.order(an_order())
    relay_events(pharmacy.sessions, lambda *_: None, by=pharmacy.clockwork, now=pharmacy.clock())
    listed = api.get("/webhook-endpoints")
    ended = api.send("DELETE", at)
    staff = callers.staff_api(Role.PHARMACIST_IN_CHARGE)
    parked = staff.get("/webhook-deliveries")
    delivery = parked.get_json()["deliveries"][0]["id"]
    return {
        ("GET", "/api/v1/event-types"): [api.get("/event-types")],
        ("GET", "/api/v1/events"): [api.get("/events"), api.get("/events?after=1")],
        ("POST", "/api/v1/webhook-endpoints"): [added],
        ("GET", "/api/v1/webhook-endpoints"): [listed],
        ("POST", "/api/v1/webhook-endpoints/{endpoint_id}/secret"): [secret],
        ("DELETE", "/api/v1/webhook-endpoints/{endpoint_id}"): [ended],
        ("GET", "/api/v1/webhook-deliveries"): [parked],
        ("POST", "/api/v1/webhook-deliveries/{delivery_id}/redeliver"): [
            staff.send("POST", f"/webhook-deliveries/{delivery}/redeliver", json={})
        ],
    }
