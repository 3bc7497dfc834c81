"""HL7's published requests and those of other countries: an order, a proposal, or a refusal that names the place."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from pharmacy.web.fhir.element import Issue, NotUnderstood
from pharmacy.web.fhir.exact import read, written
from tests.books import row_counts
from tests.web.fhir.bodies import a_patient, a_prescriber, a_request
from tests.web.fhir.conftest import Fhir
from tests.web.fhir.countries import COUNTRIES, ORDER, PROPOSAL
from tests.web.fhir.test_translation import spoilt, understood

FILE = Path(__file__).with_name("published") / "hl7_r4.jsonl"
PUBLISHED = {each["id"]: each for each in map(read, FILE.read_text(encoding="utf-8").splitlines())}
# Each of these changes a dose or its time, and none is understood here (the issue's list, and those beside it).
NEVER_PASSED_OVER = frozenset(
    [
        "asNeededCodeableConcept", "doseRange", "rateRatio", "rateRange", "rateQuantity", "boundsRange", "frequencyMax",
        "periodMax", "count", "countMax", "dayOfWeek", "timeOfDay", "offset", "duration", "durationMax", "event", "site",
        "maxDosePerLifetime",
    ]
)  # fmt: skip
# The one that is words alone.
WORDS = "medrx002"


def issues_of(body: dict[str, Any]) -> tuple[Issue, ...]:
    """What is said against it; nothing for an order or a proposal."""
    try:
        understood(body)
    except NotUnderstood as refusal:
        return refusal.issues
    return ()


def places(body: Any, path: str) -> dict[str, Any]:
    """Every element of the resource by its FHIRPath."""
    found = {path: body}
    if isinstance(body, dict):
        for name, each in body.items():
            found |= places(each, f"{path}.{name}")
    if isinstance(body, list):
        for index, each in enumerate(body):
            found |= places(each, f"{path}[{index}]")
    return found


def stands_in(body: dict[str, Any], issue: Issue) -> bool:
    """Whether the place is one of the resource, or a member that one of its elements lacks.

    A choice of types is named without its type, as FHIRPath names it: `medication`, `reported`.
    """
    assert issue.expression is not None
    there = {each.replace("._", ".") for each in places(body, str(body["resourceType"]))}
    parent, _, name = issue.expression.rpartition(".")
    is_choice = any(re.fullmatch(rf"{re.escape(issue.expression)}[A-Z]\w*", each) for each in there)
    is_missing = issue.code == "required" and parent in there and name != ""
    return issue.expression in there or is_choice or is_missing


def test_the_published_requests_are_all_here() -> None:
    assert len(PUBLISHED) == 40
    assert len(PUBLISHED) + len(COUNTRIES) >= 70


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_request_is_refused_at_places_that_it_has(name: str) -> None:
    body = PUBLISHED[name]

    issues = issues_of(body)

    assert issues
    assert [each for each in issues if not stands_in(body, each)] == []
    if body["status"] != "active":
        assert [each.expression for each in issues] == ["MedicationRequest.status"]


@pytest.mark.parametrize("name", [each for each in PUBLISHED if each != WORDS])
def test_the_published_dosing_of_our_medicine_is_refused_at_each_element_that_is_not_understood(
    name: str,
) -> None:
    dosages = PUBLISHED[name]["dosageInstruction"]
    body = a_request(dosageInstruction=dosages)

    told = {each.expression for each in issues_of(body)}

    unsafe = {
        place
        for place in places(body, "MedicationRequest")
        if place.rpartition(".")[2].partition("[")[0] in NEVER_PASSED_OVER
    }
    assert {place for place in unsafe if not place.endswith("]")} <= told
    assert told, "no published dosing says its time of day in a way that leaves nothing to choose"


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_request_around_our_plan_is_ordered_unless_it_is_not_to_be(name: str) -> None:
    """Everything of the published one but its medicine, people, dosing and supply."""
    ours = ("contained", "medicationReference", "medicationCodeableConcept", "subject", "requester",
            "dosageInstruction", "dispenseRequest", "extension")  # fmt: skip
    published = {key: each for key, each in PUBLISHED[name].items() if key not in (*ours, "id")}
    expected = [f"MedicationRequest.{key}" for key in ("priorPrescription",) if key in published]
    if published["status"] != "active":
        expected = ["MedicationRequest.status"]

    told = [each.expression for each in issues_of(a_request(**published))]

    assert told == expected


@pytest.mark.parametrize("name", COUNTRIES)
def test_what_becomes_of_the_request_of_another_country(name: str) -> None:
    body, becomes = COUNTRIES[name]
    body = read(written(body))

    issues = issues_of(body)

    if isinstance(becomes, str):
        assert issues == ()
        assert (understood(body) is None) == (becomes == PROPOSAL)
    else:
        assert set(becomes) <= {each.expression for each in issues}
        assert [each for each in issues if not stands_in(body, each)] == []


@given(name=st.sampled_from([*PUBLISHED, *COUNTRIES]), chance=st.randoms(use_true_random=False))
def test_a_published_request_that_is_spoilt_is_understood_or_refused(
    name: str, chance: random.Random
) -> None:
    whole = PUBLISHED[name] if name in PUBLISHED else COUNTRIES[name][0]

    for issue in issues_of(read(written(spoilt(whole, chance)))):
        assert issue.expression


def test_at_the_door_each_published_request_gets_an_operation_outcome_and_leaves_no_row(
    fhir: Fhir, connection: Connection
) -> None:
    before = row_counts(connection)

    for name, body in PUBLISHED.items():
        answer = fhir.post("/MedicationRequest", written(body).encode())
        assert (answer.status_code, read(answer.text)["resourceType"]) == (422, "OperationOutcome"), name
        assert fhir.post("/MedicationRequest/$validate", body).status_code == 200, name
        assert fhir.post("", in_a_bundle(body)).status_code == 422, name

    assert row_counts(connection) == before


def in_a_bundle(request: dict[str, Any]) -> dict[str, Any]:
    """The published request as a transaction, with our people under the addresses that it names."""
    entries = [
        {
            "resource": request,
            "fullUrl": "urn:uuid:1",
            "request": {"method": "POST", "url": "MedicationRequest"},
        }
    ]
    for name, person in (("subject", a_patient()), ("requester", a_prescriber())):
        kind, _, own = str(request[name].get("reference", "#")).rpartition("/")
        if kind == person["resourceType"]:
            sent = {"method": "POST", "url": kind}
            entries.append({"resource": {**person, "id": own}, "fullUrl": f"urn:uuid:{own}", "request": sent})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def test_at_the_door_the_requests_of_other_countries_become_what_they_should(fhir: Fhir) -> None:
    statuses = {ORDER: {201, 200}, PROPOSAL: {202}}
    for name, (body, becomes) in COUNTRIES.items():
        path = "" if body["resourceType"] == "Bundle" else "/MedicationRequest"

        answer = fhir.post(path, body)

        expected = statuses[becomes] if isinstance(becomes, str) else {422}
        assert answer.status_code in expected, (name, answer.text)
        assert (read(answer.text)["resourceType"] == "OperationOutcome") == (becomes != ORDER), name


def test_what_a_published_request_says_besides_its_plan_reads_back_as_it_was_sent(fhir: Fhir) -> None:
    body, _ = COUNTRIES["IPS: based on, history, a protocol, kept as they were sent"]
    created = fhir.post("/MedicationRequest", body)

    kept = read(fhir.get(created.headers["Location"].partition("/fhir/r4")[2]).text)

    own = {"id", "meta", "contained", "subject", "extension"}
    sent = json.loads(written(body), parse_float=str)
    assert {key: each for key, each in sent.items() if key not in own} == {
        key: each for key, each in json.loads(written(kept), parse_float=str).items() if key not in own
    }
    assert kept["contained"] == [a_prescriber()]
    assert kept["meta"]["profile"] == body["meta"]["profile"]
