"""What this face can do, in the form in which FHIR asks for it; said once, and no more than is so."""

from __future__ import annotations

from typing import Any

_SINCE = "2026-11-25"
_STRING = ("identifier", "token"), ("patient", "reference"), ("status", "token"), ("date", "date")


def capability_statement(base: str, token_url: str) -> dict[str, Any]:
    """The CapabilityStatement of this server."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _SINCE,
        "kind": "instance",
        "software": {"name": "LDN pharmacy"},
        "implementation": {"description": "Orders of low-dose naltrexone titrations", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [
            {
                "mode": "server",
                "documentation": (
                    "A titration is one MedicationRequest with several dosageInstruction (sequence, bounds), or several "
                    "requests of one groupIdentifier in a transaction. What is not understood is refused."
                ),
                "security": {
                    "service": [{"text": "OAuth 2 client credentials (SMART Backend Services)"}],
                    "description": f"A bearer token is due, from {token_url}.",
                },
                "interaction": [{"code": "transaction"}],
                "resource": [_requests(), _dispenses(), _tasks(), _patients()],
            }
        ],
    }


def _requests() -> dict[str, Any]:
    return {
        "type": "MedicationRequest",
        "interaction": [{"code": code} for code in ("create", "read", "search-type")],
        "conditionalCreate": True,
        "searchParam": _searched(*_STRING, ("_lastUpdated", "date"), ("authoredon", "date")),
        "operation": [
            {"name": name, "definition": f"https://ldn-pharmacy.example/fhir/OperationDefinition/{name}"}
            for name in ("validate", "quote")
        ],
    }


def _dispenses() -> dict[str, Any]:
    return {
        "type": "MedicationDispense",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": _searched(("prescription", "reference"), ("patient", "reference")),
    }


def _tasks() -> dict[str, Any]:
    return {
        "type": "Task",
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "searchParam": _searched(("focus", "reference"), ("patient", "reference")),
    }


def _patients() -> dict[str, Any]:
    return {"type": "Patient", "interaction": [{"code": "read"}]}


def _searched(*parameters: tuple[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in parameters]
