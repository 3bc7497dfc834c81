"""A faxed order is entered by two people; another one is set aside."""

import base64

from pharmacy.domain.orders import Role
from tests.builders import a_plan, an_order
from tests.rows import demo_client
from tests.web.api.real_answers import Answers, Callers


def answers(callers: Callers) -> Answers:
    first, second = (callers.staff_api(role) for role in (Role.TECHNICIAN, Role.PHARMACIST))
    with callers.work.sessions.read() as session:
        practice = str(demo_client(session).practice_id)
    fax = {
        "practice_id": practice,
        "channel": "fax",
        "caller": "Rosa, (555) 010-0101",
        "picture": base64.b64encode(b"%PDF-1.7\nfax of Friday").decode(),
    }
    here, one = "/order-entries", "/api/v1/order-entries/{entry_id}"
    begun, stray = first.post(here, fax), first.post(here, fax)
    address = f"{here}/{begun.get_json()['id']}"
    order = an_order()

    def seen() -> dict[str, int]:
        return {"version": first.get(address).get_json()["version"]}

    typed = first.post(f"{address}/form", {**seen(), "order": order})
    slipped = second.post(f"{address}/readings", {**seen(), "plan": a_plan(("1.5", 7), ("3", 7), ("45", 16))})
    agreed = second.post(f"{address}/readings", {**seen(), "plan": order["plan"], "days": order.get("days")})
    assert agreed.get_json()["state"] == "submitted", agreed.text
    aside = first.post(
        f"{here}/{stray.get_json()['id']}/set-aside", {"version": 1, "reason": "sent to us by mistake"}
    )
    return {
        ("GET", "/api/v1/order-entries"): [first.get(here), first.get(f"{here}?limit=1")],
        ("POST", "/api/v1/order-entries"): [begun],
        ("GET", one): [first.get(address)],
        ("GET", f"{one}/picture"): [first.get(f"{address}/picture")],
        ("POST", f"{one}/form"): [typed],
        ("POST", f"{one}/readings"): [slipped, agreed],
        ("POST", f"{one}/set-aside"): [aside],
    }
