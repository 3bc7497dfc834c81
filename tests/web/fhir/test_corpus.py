"""The corpus at the door, whole and spoilt: ordered, put before a pharmacist, or refused with an OperationOutcome."""

import random

import pytest

from pharmacy.web.fhir.exact import read, written
from tests.web.fhir.conftest import Fhir
from tests.web.fhir.corpus import CORPUS
from tests.web.fhir.test_translation import spoilt

SEEDS = range(12)


@pytest.mark.parametrize("name", CORPUS)
def test_the_corpus_is_answered_whole_and_spoilt(fhir: Fhir, name: str) -> None:
    path = "" if CORPUS[name]["resourceType"] == "Bundle" else "/MedicationRequest"

    for seed in SEEDS:
        body = spoilt(CORPUS[name], random.Random(seed)) if seed else CORPUS[name]
        answer = fhir.post(path, written(body).encode())

        assert answer.status_code in (200, 201, 202, 400, 404, 409, 422), (seed, answer.text)
        kind = read(answer.text)["resourceType"]
        assert (kind == "OperationOutcome") == (answer.status_code not in (200, 201)), (seed, answer.text)
