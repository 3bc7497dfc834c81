"""A liquid as other systems read it: doses in millilitres beside their concentration, and read again as the same plan."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from pharmacy.store import prescriptions
from pharmacy.usecases.commands import DosageForm
from pharmacy.web.fhir.exact import read
from tests.benching import a_vehicle
from tests.builders import a_plan, an_order
from tests.callers import Api, StaffApi
from tests.web.api.courses import Course
from tests.web.fhir.bodies import NALTREXONE, a_request, dosage, quantity
from tests.web.fhir.conftest import Fhir
from tests.web.fhir.test_translation import understood
from tests.work import Work

LIQUID = an_order(
    plan=a_plan(("0.5", 14), ("4.5", None)), days=30, dosage_form="oral_liquid", supply_option=None
)


@pytest.fixture
def course(api: Api, staff_api: Callable[..., StaffApi], work: Work, clock: Any) -> Course:
    a_vehicle(work, "MCT-2601", "medium-chain triglycerides")
    return Course(api, staff_api, work, clock)


def served(fhir: Fhir, prescription_id: Any) -> dict[str, Any]:
    answer = fhir.get(f"/MedicationRequest/{prescription_id}")
    assert answer.status_code == 200, answer.text
    resource: dict[str, Any] = read(answer.text)
    return resource


def doses(resource: dict[str, Any]) -> list[tuple[str, str, str]]:
    told = [(each["text"], each["doseAndRate"][0]["doseQuantity"]) for each in resource["dosageInstruction"]]
    return [(text, str(dose["value"]), dose["code"]) for text, dose in told]


def is_read_as(resource: dict[str, Any], work: Work, prescription_id: Any) -> bool:
    """Whether our own reader takes what we serve for the plan in force, as a liquid."""
    whole = a_request()
    sent = {
        **whole,
        "medicationCodeableConcept": resource["medicationCodeableConcept"],
        "dosageInstruction": resource["dosageInstruction"],
    }
    order = understood(sent)
    with work.sessions.read() as session:
        plan = prescriptions.get(session, prescription_id).plan_versions[-1].plan()
    assert order is not None
    return order.read.plan == plan and order.submission.supply.dosage_form is DosageForm.ORAL_LIQUID


def test_a_liquid_reads_in_millilitres_of_the_concentration_that_is_made(course: Course, fhir: Fhir) -> None:
    course.begin(LIQUID)

    resource = served(fhir, course.id)

    assert resource["medicationCodeableConcept"]["text"] == "naltrexone HCl 1 mg/mL oral liquid, compounded"
    assert doses(resource) == [
        ("0.5 mL (0.5 mg) at bedtime for 14 days", "0.5", "mL"),
        ("4.5 mL (4.5 mg) at bedtime", "4.5", "mL"),
    ]
    assert is_read_as(resource, course.work, course.id)


def test_what_is_served_of_a_liquid_may_be_sent_again(course: Course, fhir: Fhir) -> None:
    course.begin(LIQUID)
    resource = served(fhir, course.id)

    answer = fhir.post(
        "/MedicationRequest/$validate",
        a_request(
            medicationCodeableConcept=resource["medicationCodeableConcept"],
            dosageInstruction=resource["dosageInstruction"],
            dispenseRequest={"expectedSupplyDuration": quantity("30", "d")},
        ),
    )

    issues = read(answer.text)["issue"]
    assert answer.status_code == 200
    assert not [
        each for each in issues if "text" in str(each.get("expression")) or each["severity"] == "error"
    ]


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({**NALTREXONE, "text": "naltrexone 1 mg/mL oral"}, "naltrexone 1 mg/mL oral"),
        ({**NALTREXONE, "text": "naltrexone 2 mg/mL oral"}, "naltrexone HCl 1 mg/mL oral liquid, compounded"),
    ],
    ids=["as it is made", "another concentration than is made"],
)
def test_a_changed_plan_is_told_by_the_concentration_that_is_in_the_bottle(
    course: Course, fhir: Fhir, stated: dict[str, Any], told: str
) -> None:
    body = a_request(
        medicationCodeableConcept=stated,
        dosageInstruction=[dosage(1, quantity("0.5"), 14), dosage(2, quantity("4.5"), None)],
        dispenseRequest={"expectedSupplyDuration": quantity("30", "d")},
    )
    kept = read(fhir.post("/MedicationRequest", body).text)
    order_id = course.api.get("/orders").get_json()["orders"][0]["id"]
    course.hand_over(UUID(order_id))
    course.id, course.npi = kept["id"], "2234567891"
    course.go_to_day(16)
    course.adjust({"kind": "step_back", "from_day": 17, "reason": "Insomnia on the third day of 4.5 mg."})

    resource = served(fhir, course.id)

    assert resource["medicationCodeableConcept"]["text"] == told
    assert doses(resource)[2] == ("0.5 mL (0.5 mg) at bedtime for 14 days", "0.5", "mL")
    assert is_read_as(resource, course.work, course.id)
