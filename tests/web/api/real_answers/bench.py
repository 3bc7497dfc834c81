"""Single questions of the bench, each answered."""

from pharmacy.domain.orders import Role
from tests.web.api.real_answers import Answers, Callers

_BALANCE = {"readability_mg": "1", "sensitivity_requirement_mg": "6"}
_TABLETS = {
    "needed_mg": "12",
    "label_mg": "50",
    "mean_tablet_mg": "312",
    "mixture_mg": "1000",
    "balance": _BALANCE,
}
QUESTIONS = {
    "minimum-weighable": _BALANCE,
    "tablets": _TABLETS,
    "shells": {
        "fill_mg": "250",
        "tapped_density_g_per_ml": "0.6",
        "shells": [{"size": "1", "volume_ml": "0.5"}],
    },
    "acceptance": {"mean_pct": "98.6", "deviation_pct": "2.1"},
    "loads": {"capsules": 120, "plate": 100},
    "volumes": {"concentration_mg_per_ml": "1", "steps": [{"dose_mg": "0.5", "days": 14}]},
}


def answers(callers: Callers) -> Answers:
    tess = callers.staff_api(Role.TECHNICIAN)
    return {
        ("POST", f"/api/v1/bench/{question}"): [tess.post(f"/bench/{question}", body)]
        for question, body in QUESTIONS.items()
    }
