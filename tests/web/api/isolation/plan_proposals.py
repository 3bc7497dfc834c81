"""Plans read from free text: for staff."""

from tests.web.api.isolation import to_staff

REACHES = {
    ("POST", "/api/v1/plan-proposals"): to_staff({"text": "LDN 4.5mg caps 1 qhs"}),
    ("POST", "/api/v1/plan-proposals/{proposal_id}/accept"): to_staff({}),
    ("POST", "/api/v1/plan-proposals/{proposal_id}/decline"): to_staff({"reason": "not readable"}),
}
