"""Free text is read, and a pharmacist accepts one reading and declines another."""

from pharmacy.domain.orders import Role
from tests.web.api.real_answers import Answers, Callers

_TEXT = "LDN 1.5mg caps #69 1 qhs x7d, 2 qhs x7d, 3 qhs thereafter"


def answers(callers: Callers) -> Answers:
    pharmacist = callers.staff_api(Role.PHARMACIST)
    read = [pharmacist.post("/plan-proposals", {"text": text}) for text in (_TEXT, "1.5-4.5 mg as tolerated")]
    one, other = (answer.get_json()["id"] for answer in read)
    accepted = pharmacist.post(f"/plan-proposals/{one}/accept", {})
    declined = pharmacist.post(f"/plan-proposals/{other}/decline", {"reason": "A range; prescriber called."})
    return {
        ("POST", "/api/v1/plan-proposals"): read,
        ("GET", "/api/v1/plan-proposals/{proposal_id}"): [pharmacist.get(f"/plan-proposals/{one}")],
        ("POST", "/api/v1/plan-proposals/{proposal_id}/accept"): [accepted],
        ("POST", "/api/v1/plan-proposals/{proposal_id}/decline"): [declined],
    }
