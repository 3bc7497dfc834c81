"""A prescriber's system that speaks FHIR."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from pharmacy.web.fhir.exact import written
from tests.rows import STANDING_TOKEN


@dataclass
class Fhir:
    """Sends resources as they stand, without a key unless one is named."""

    client: FlaskClient
    token: str = STANDING_TOKEN

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> TestResponse:
        sent = body if isinstance(body, bytes) else written(body).encode()
        return self.send("POST", path, data=sent, content_type="application/fhir+json", headers=headers)

    def get(self, path: str) -> TestResponse:
        return self.send("GET", path)

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **(options.pop("headers", None) or {})}
        address = path if path.startswith(("http", "/fhir", "/cds")) else f"/fhir/r4{path}"
        return self.client.open(address, method=method, headers=headers, **options)


@pytest.fixture
def fhir(client: FlaskClient) -> Fhir:
    return Fhir(client)
