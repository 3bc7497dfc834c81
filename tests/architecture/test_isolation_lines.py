"""No operation of the API is left out of the isolation matrix."""

import json
from pathlib import Path

from tests.web.api.isolation import reaches

DESCRIBED = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())["paths"]
METHODS = ("get", "post", "put", "patch", "delete")


def test_every_operation_has_its_line_in_the_matrix() -> None:
    operations = {
        (method.upper(), path): found[method]
        for path, found in DESCRIBED.items()
        for method in METHODS
        if method in found
    }
    # The path of what is for staff alone is filled by itself.
    fill_themselves = {
        key
        for key, each in operations.items()
        if each["security"] and all("staff" in way for way in each["security"]) and "requestBody" not in each
    }

    lines = set(reaches())

    missing = set(operations) - lines - fill_themselves
    assert not missing, f"give each a line in tests/web/api/isolation/<noun>.py: {missing}"
    assert lines <= set(operations)
