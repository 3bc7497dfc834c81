"""Orders that staff enter."""

from tests.builders import a_plan, an_order
from tests.web.api.isolation import MISSING, to_staff

_HERE = "/api/v1/order-entries"

REACHES = {
    ("POST", _HERE): to_staff(
        {"practice_id": MISSING, "channel": "fax", "caller": "Rosa", "picture": "JVBERi0xLjcK"}
    ),
    ("POST", f"{_HERE}/{{entry_id}}/form"): to_staff({"version": 1, "order": an_order()}),
    ("POST", f"{_HERE}/{{entry_id}}/readings"): to_staff({"version": 1, "plan": a_plan()}),
    ("POST", f"{_HERE}/{{entry_id}}/set-aside"): to_staff({"version": 1, "reason": "sent to us by mistake"}),
}
