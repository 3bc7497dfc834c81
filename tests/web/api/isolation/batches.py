"""The bench is the pharmacy's own: its batches, their records and the calculator are for staff alone."""

from tests.web.api.isolation import MISSING, to_staff
from tests.web.api.real_answers.bench import QUESTIONS

_BATCH = "/api/v1/batches/{batch_id}"
_LINE = {"order_line_id": MISSING}

REACHES = {
    ("POST", "/api/v1/batches"): to_staff({"capsules": {"strength_mg": "1.5", "capsules": 7}}),
    ("POST", f"{_BATCH}/lots"): to_staff({}),
    ("POST", f"{_BATCH}/weighings"): to_staff({"step": "active", "read_mg": "120", "balance": "B1"}),
    ("POST", f"{_BATCH}/blend"): to_staff({"appearance": "white, even powder"}),
    ("POST", f"{_BATCH}/fill"): to_staff({"capsules_filled": 7}),
    ("POST", f"{_BATCH}/qc"): to_staff({"appearance": {"conforms": True, "remark": "as described"}}),
    ("POST", f"{_BATCH}/yield"): to_staff({"released": 7, "rejected": 0, "retained": 0, "waste_mg": "1"}),
    ("POST", f"{_BATCH}/release"): to_staff({}),
    ("POST", f"{_BATCH}/reject"): to_staff({"reason": "planned by mistake"}),
    ("POST", f"{_BATCH}/destroy"): to_staff({"reason": "past its day"}),
    ("POST", f"{_BATCH}/deviations"): to_staff({"wording": "the lamp flickered"}),
    ("POST", f"{_BATCH}/allocations"): to_staff({**_LINE, "capsules": 7}),
    ("POST", f"{_BATCH}/withdrawals"): to_staff(_LINE),
    **{("POST", f"/api/v1/bench/{question}"): to_staff(body) for question, body in QUESTIONS.items()},
}
