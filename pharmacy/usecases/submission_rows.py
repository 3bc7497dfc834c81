"""The rows of one submission, built from values; the store files them in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pharmacy.domain.actors import Actor
from pharmacy.domain.authority import Authority
from pharmacy.domain.calendar import age_on
from pharmacy.domain.events import of_status
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.refills import last_fill_on
from pharmacy.domain.screening import Answers, clarifications, screen
from pharmacy.store import events
from pharmacy.store.base import new_id
from pharmacy.store.quotes import Quote
from pharmacy.usecases.admission import Admission
from pharmacy.usecases.batch_views import planned_batches
from pharmacy.usecases.commands import Submission
from pharmacy.usecases.derivation import Derivation, Option
from pharmacy.usecases.figures_as_facts import figure_facts
from pharmacy.usecases.plan_as_facts import vial_steps_facts
from pharmacy.usecases.written_findings import as_written_facts, findings_of_written

Row = dict[str, Any]


class SubmissionRows:
    """Everything that one submission writes, and the same as a document for the answer."""

    def __init__(
        self,
        submission: Submission,
        derivation: Derivation,
        option: Option,
        *,
        admission: Admission,
        by: Actor,
        now: datetime,
    ) -> None:
        self._option = option
        self._now = now
        self.patient = _patient(submission, by, now)
        self.consents = [
            {"id": new_id(), "patient_id": self.patient["id"], "withdrawn_at": None, **_fields(consent)}
            for consent in submission.patient.consents
        ]
        self.prescription = _prescription(submission, self.patient, admission, now)
        self.plan_version = {
            "id": new_id(),
            "prescription_id": self.prescription["id"],
            "version": 1,
            "first_day": 1,
            "created_at": now,
            "created_by": by.id,
            "authority": Authority.PRESCRIPTION,
        }
        self.intakes = _intakes(submission, self.plan_version)
        questions, findings = _findings(submission, derivation, option, admission)
        self.order = _order(submission, derivation, option, admission=admission, by=by, now=now)
        self.order |= _foreign(self.patient, self.prescription, self.plan_version)
        self.order |= _first_status(questions)
        self.findings = [
            finding_row(self.order, position, finding)
            for position, finding in enumerate((*questions, *findings), start=1)
        ]
        self.lines, self.vials = line_rows(self.order, option)
        self.price_lines = [
            {"id": new_id(), "order_id": self.order["id"], "position": position, **facts}
            for position, facts in enumerate(price_line_facts(option), start=1)
        ]

    def bind_to(self, quote: Quote) -> None:
        """The order costs what the quote says, line by line, whatever the prices are now."""
        self.order |= {
            "quote_id": quote.id,
            "price_book_id": quote.price_book_id,
            "total_cents": quote.total_cents,
        }
        self.price_lines = [
            {"id": new_id(), "order_id": self.order["id"], "position": position, **facts}
            for position, facts in enumerate(quote.offer["price_lines"], start=1)
        ]

    def rows(self, audit_entry: Row, stored_answer: Row) -> dict[str, list[Row]]:
        """All rows by table, ready to be filed."""
        return {
            "patients": [self.patient],
            "patient_consents": self.consents,
            "prescriptions": [self.prescription],
            "plan_versions": [self.plan_version],
            "plan_intakes": self.intakes,
            "orders": [self.order],
            "order_lines": self.lines,
            "vials": self.vials,
            "price_lines": self.price_lines,
            "order_findings": self.findings,
            "audit": [audit_entry],
            "outbox": [self._message()],
            "events": [self._event()],
            "idempotency_keys": [stored_answer],
        }

    def document(self) -> dict[str, Any]:
        """The order in the shape in which the books would give it back."""
        vials: dict[Any, list[Row]] = {}
        for vial in self.vials:
            vials.setdefault(vial["order_line_id"], []).append({**vial, "labels": []})
        order = {
            **self.order,
            "patient": self.patient,
            "prescription": self.prescription,
            "plan_version": {**self.plan_version, "intakes": self.intakes},
            "lines": [{**line, "vials": vials[line["id"]]} for line in self.lines],
            "price_lines": self.price_lines,
            "findings": self.findings,
        }
        return {"order": order, "batches": planned_batches(self._option)}

    def _message(self) -> Row:
        return {
            "id": new_id(),
            "topic": "order.received",
            "subject_id": self.order["id"],
            "created_at": self._now,
            "attempts": 0,
        }

    def _event(self) -> Row:
        return events.first_row(
            of_status(self.order["status"]),
            practice_id=self.order["practice_id"],
            order_id=self.order["id"],
            prescription_id=self.order["prescription_id"],
            now=self._now,
        )


def price_line_facts(option: Option) -> list[Row]:
    """The lines of the price in the shape of their rows."""
    return [
        {
            "kind": line.kind,
            "wording": line.text,
            "amount_cents": line.amount.cents,
            "figure": figure_facts(line.figure),
        }
        for line in option.price.lines
    ]


def _fields(value: Any) -> Row:
    return {name: getattr(value, name) for name in value.__slots__}


def _patient(submission: Submission, by: Actor, now: datetime) -> Row:
    given = _fields(submission.patient)
    del given["consents"]
    # Purposes are on labels until the patient asks staff to leave them off.
    own = {"id": new_id(), "practice_id": by.practice_id, "created_at": now, "purpose_on_label": True}
    return {**own, **given}


def _prescription(submission: Submission, patient: Row, admission: Admission, now: datetime) -> Row:
    signer, authorization = submission.prescriber, submission.authorization
    return {
        "id": new_id(),
        "practice_id": patient["practice_id"],
        "patient_id": patient["id"],
        "written_on": submission.written_on,
        "last_fill_on": last_fill_on(submission.written_on, admission.reference.validity_months),
        "refills": submission.refills,
        "purpose": submission.purpose,
        "strength_basis": submission.supply.strength_basis,
        "as_written": as_written_facts(submission.supply.as_written),
        "prescriber_npi": signer.npi,
        "prescriber_name": signer.full_name,
        "prescriber_phone": signer.phone,
        "prescriber_address": signer.address,
        "prescriber_licence": signer.licence,
        "prescriber_licence_state": signer.licence_state,
        "authorization_kind": authorization and authorization.kind,
        "authorization_npi": authorization and authorization.signer_npi,
        "authorization_at": authorization and authorization.signed_at,
        "authorization_agent": authorization and authorization.agent,
        "envelope_most_ug": submission.envelope and submission.envelope.most_a_day.value,
        "envelope_step_days": submission.envelope and submission.envelope.least_step_days,
        "created_at": now,
    }


def _intakes(submission: Submission, plan_version: Row) -> list[Row]:
    return [
        {
            "id": new_id(),
            "plan_version_id": plan_version["id"],
            "position": position,
            "time_of_day": intake.time_of_day,
            "dose_ug": intake.dose.value,
            "duration_days": step.duration_days,
        }
        for position, step in enumerate(submission.supply.plan.steps, start=1)
        for intake in step.intakes
    ]


def _order(
    submission: Submission,
    derivation: Derivation,
    option: Option,
    *,
    admission: Admission,
    by: Actor,
    now: datetime,
) -> Row:
    return {
        "id": new_id(),
        "number": admission.knock.order_number,
        "practice_id": by.practice_id,
        "fill_number": 0,
        "refill_number": 0,
        "first_day": derivation.window.first_day,
        "days": derivation.window.days,
        "supply_method": option.supply.method,
        "delivery": submission.supply.delivery,
        "answers": {
            "opioid_last_14_days": submission.opioid_last_14_days,
            "opioid_detail": submission.opioid_detail,
            "allergies": submission.allergies,
            "no_known_allergies": submission.no_known_allergies,
            "medicines": submission.medicines,
        },
        "quote_id": None,
        "price_book_id": admission.reference.prices().book_id,
        "total_cents": option.price.total.cents,
        "status_at": now,
        "status_by": by.id,
        "created_at": now,
        "promised_on": None,
        "shipped_on": None,
        "started_on": None,
        "version": 1,
    }


def _foreign(patient: Row, prescription: Row, plan_version: Row) -> Row:
    return {
        "patient_id": patient["id"],
        "prescription_id": prescription["id"],
        "plan_version_id": plan_version["id"],
    }


def _first_status(questions: tuple[Finding, ...]) -> Row:
    """An order with open questions waits in clarification and resumes where it would have begun."""
    if questions:
        return {"status": OrderStatus.CLARIFICATION, "resumes_to": OrderStatus.RECEIVED}
    return {"status": OrderStatus.RECEIVED, "resumes_to": None}


def _findings(
    submission: Submission, derivation: Derivation, option: Option, admission: Admission
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Questions that must be answered first, and what review will look at."""
    answers = Answers(
        opioid_last_14_days=submission.opioid_last_14_days,
        allergies=submission.allergies,
        no_known_allergies=submission.no_known_allergies,
        medicines=submission.medicines,
        age=age_on(submission.patient.birth_on, admission.reference.on),
    )
    authorization = submission.authorization
    questions = clarifications(
        answers,
        has_authorisation=authorization is not None and authorization.signer_npi == submission.prescriber.npi,
        prescriber_on_roster=admission.knock.is_on_roster,
    )
    closed = submission.supply.plan.closed_days
    written = findings_of_written(
        submission.supply,
        derivation.window,
        at=("prescription", "as_written"),
        refills=submission.refills,
        written_on=submission.written_on,
    )
    extra = (*derivation.findings, *option.findings, *written)
    if submission.refills and closed is not None and closed <= derivation.window.last_day:
        because = f"The plan ends on day {closed}, so nothing is left for {submission.refills} refills."
        extra = (*extra, Finding("F-REFILLS-AFTER-PLAN", Severity.WARN, because, ("prescription", "refills")))
    return questions, screen(answers, extra)


def finding_row(order: Row, position: int, finding: Finding) -> Row:
    """The row of what a check found about the order."""
    return {
        "id": new_id(),
        "order_id": order["id"],
        "position": position,
        "code": finding.code,
        "severity": finding.severity,
        "because": finding.because,
        "pointer": "".join(f"/{part}" for part in finding.where),
        "expected": finding.expected,
        "found": finding.found,
    }


def line_rows(order: Row, option: Option) -> tuple[list[Row], list[Row]]:
    """The rows of the order's lines, and of their vials."""
    lines, vials = [], []
    for position, line in enumerate(option.supply.lines, start=1):
        row: Mapping[str, Any] = {
            "id": new_id(),
            "order_id": order["id"],
            "position": position,
            "strength_ug": line.strength.value,
            "capsules": line.capsules,
        }
        lines.append(dict(row))
        vials += [
            {
                "id": new_id(),
                "order_line_id": row["id"],
                "position": number,
                "capsules": vial.capsules,
                "steps": vial_steps_facts(vial),
            }
            for number, vial in enumerate(line.vials, start=1)
        ]
    return lines, vials
