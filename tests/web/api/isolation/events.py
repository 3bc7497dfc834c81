"""The event log, endpoints, and parked deliveries."""

from tests.web.api.isolation import Reach, owns_nothing, to_staff

REACHES = {
    ("GET", "/api/v1/event-types"): owns_nothing(),
    ("GET", "/api/v1/events"): Reach(lists=True),
    ("POST", "/api/v1/webhook-endpoints"): owns_nothing({"url": "https://hooks.clinic.example/orders"}),
    ("GET", "/api/v1/webhook-endpoints"): Reach(lists=True),
    ("POST", "/api/v1/webhook-endpoints/{endpoint_id}/secret"): Reach(body=lambda _: {"overlap_hours": 0}),
    ("DELETE", "/api/v1/webhook-endpoints/{endpoint_id}"): Reach(),
    ("POST", "/api/v1/webhook-deliveries/{delivery_id}/redeliver"): to_staff({}),
}
