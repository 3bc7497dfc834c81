"""A prescriber's system simulates, asks for a quote, orders, and reads what came of it."""

from pharmacy.usecases.open_demo import DEMO_CLIENT_ID, DEMO_SECRET
from tests.builders import a_supply, an_order
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    api = callers.api
    order = api.post("/orders", an_order())
    quote = api.post("/quotes", a_supply())
    callers.work.carry_out()
    ids = order.get_json()
    address = f"/orders/{ids['id']}"
    read = api.get(address)
    label_id = read.get_json()["lines"][0]["vials"][0]["labels"][0]["id"]
    credentials = {
        "grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_SECRET,
    }  # fmt: skip
    schedule = f"/prescriptions/{ids['prescription']['id']}/schedule"
    return {
        ("POST", "/api/v1/oauth/token"): [api.client.post("/api/v1/oauth/token", data=credentials)],
        ("POST", "/api/v1/titrations/simulate"): [api.post("/titrations/simulate", a_supply())],
        ("POST", "/api/v1/quotes"): [quote],
        ("GET", "/api/v1/quotes/{quote_id}"): [api.get(f"/quotes/{quote.get_json()['id']}")],
        ("POST", "/api/v1/orders"): [order, api.post("/orders", an_order(opioid_last_14_days=None))],
        ("GET", "/api/v1/orders"): [api.get("/orders"), api.get("/orders?limit=1")],
        ("GET", "/api/v1/orders/{order_id}"): [
            read, api.get(address, headers={"If-None-Match": read.headers["ETag"]}),
        ],
        ("GET", "/api/v1/orders/{order_id}/timeline"): [api.get(f"{address}/timeline")],
        ("GET", "/api/v1/prescriptions/{prescription_id}/schedule"): [
            api.get(schedule), api.get(f"{schedule}?format=ics"),
        ],
        ("GET", "/api/v1/labels/{label_id}"): [api.get(f"/labels/{label_id}")],
    }  # fmt: skip
