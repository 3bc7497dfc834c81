"""The rows of one submission, built from values; the store files them in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pharmacy.domain.actors import Actor
from pharmacy.domain.authority import Authority
from pharmacy.domain.consistency import is_written
from pharmacy.domain.diagnoses import diagnoses_found
from pharmacy.domain.events import of_status
from pharmacy.domain.findings import Finding, Severity
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.screening import Answers, StaffQuestion, clarifications, screen, with_plan_findings
from pharmacy.domain.screening.statements import Stated
from pharmacy.domain.supply import Window
from pharmacy.domain.validity import valid_through
from pharmacy.store import events
from pharmacy.store.base import new_id
from pharmacy.store.quotes import Quote
from pharmacy.store.screening import Occasion
from pharmacy.store.tasks import task_row
from pharmacy.usecases.admission import AnyAdmission
from pharmacy.usecases.answers_age import given_on
from pharmacy.usecases.batch_views import planned_batches
from pharmacy.usecases.commands import Submission
from pharmacy.usecases.derivation import Derivation, Option
from pharmacy.usecases.figures_as_facts import figure_facts
from pharmacy.usecases.plan_as_facts import vial_steps_facts
from pharmacy.usecases.reference import Reference
from pharmacy.usecases.screen_order import finding_row, screening_row
from pharmacy.usecases.split_fill import Whole, as_first_part, first_part, rest_due_on, task_for_rest
from pharmacy.usecases.submitted_patient import match_tasks, patient_row, stated_answers, submitted_profile
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
        admission: AnyAdmission,
        by: Actor,
        now: datetime,
    ) -> None:
        self._whole, self._option = option, as_first_part(option)
        self._now, self._by, self._reference = now, by, admission.reference
        option = self._option
        self.patient = patient_row(submission, by, now)
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
        profile = submitted_profile(submission, self.patient, admission)
        screened = screen(profile, submission.supply.plan, admission.reference.screening.rules)
        about_plan = tuple(_about_plan(submission, derivation, option, admission.reference))
        questions = (*_questions(submission, admission), *_about_directions(about_plan))
        findings = with_plan_findings(
            screened,
            about_plan,
            admission.reference.screening.rules,
        )
        self.order = _order(submission, option, admission=admission, by=by, now=now)
        self.order |= _foreign(self.patient, self.prescription, self.plan_version)
        self.order |= _first_status(questions)
        self.findings = [
            finding_row(self.order["id"], position, finding)
            for position, finding in enumerate((*questions, *findings), start=1)
        ]
        self.screening = screening_row(
            self.order["id"], profile, screened, Occasion.SUBMISSION, by=by, now=now
        )
        self.tasks = match_tasks(profile, self.order, admission.reference.on, by=by, now=now)
        self.lines, self.vials = line_rows(self.order, option)
        self.split_fills: list[Row] = []
        self._charge(price_line_facts(option))

    def bind_to(self, quote: Quote) -> None:
        """The order costs what the quote says, line by line, whatever the prices are now."""
        self.order |= {"quote_id": quote.id, "price_book_id": quote.price_book_id}
        self._charge(quote.offer["price_lines"])

    def _charge(self, lines: Sequence[Row]) -> None:
        """The order costs these lines, or its share of them where it is the first part of a fill."""
        first = self._whole.first_part
        if first is not None:
            lines = self._in_parts(lines, first.because)
        self.order["total_cents"] = sum(line["amount_cents"] for line in lines)
        self.price_lines = [
            {"id": new_id(), "order_id": self.order["id"], "position": position, **facts}
            for position, facts in enumerate(lines, start=1)
        ]

    def _in_parts(self, lines: Sequence[Row], because: str) -> list[Row]:
        whole = Whole(
            prescription_id=self.order["prescription_id"],
            plan_version_id=self.order["plan_version_id"],
            refill_number=0,
            price_book_id=self.order["price_book_id"],
            price_lines=lines,
            because=because,
            now=self._now,
        )
        part = first_part(self._whole, self._option, whole)
        self.split_fills = [part.split]
        self.order["split_fill_id"] = part.split["id"]
        lead = self._reference.refills[self.order["delivery"]].lead_days
        due_on = rest_due_on(self.order["days"], self._reference.on, lead)
        first_day, days = part.split["first_day"], part.split["days"]
        left = Window(first_day + self.order["days"], days - self.order["days"])
        rest = task_for_rest(self.order, left, because, due_on)
        others = [task for task in self.tasks if task["kind"] != rest.kind]
        self.tasks = [*others, task_row(rest, by=self._by, now=self._now)]
        return part.price_lines

    def rows(self, audit_entry: Row, stored_answers: list[Row]) -> dict[str, list[Row]]:
        """All rows by table, ready to be filed."""
        return {
            "patients": [self.patient],
            "patient_consents": self.consents,
            "prescriptions": [self.prescription],
            "plan_versions": [self.plan_version],
            "plan_intakes": self.intakes,
            "split_fills": self.split_fills,
            "orders": [self.order],
            "order_lines": self.lines,
            "vials": self.vials,
            "price_lines": self.price_lines,
            "order_findings": self.findings,
            "screenings": [self.screening],
            "tasks": self.tasks,
            "audit": [audit_entry],
            "outbox": [self._message()],
            "events": [self._event()],
            "idempotency_keys": stored_answers,
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
            "split": self.split_fills[0] if self.split_fills else None,
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


def _prescription(submission: Submission, patient: Row, admission: AnyAdmission, now: datetime) -> Row:
    signer, authorization = submission.prescriber, submission.authorization
    return {
        "id": new_id(),
        "practice_id": patient["practice_id"],
        "patient_id": patient["id"],
        "written_on": submission.written_on,
        "last_fill_on": valid_through(
            submission.written_on,
            submission.patient.state,
            submission.supply.delivery,
            admission.reference.validity,
        ),
        "refills": submission.refills,
        "purpose": submission.purpose,
        "diagnosis_codes": list(submission.diagnosis_codes),
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
    option: Option,
    *,
    admission: AnyAdmission,
    by: Actor,
    now: datetime,
) -> Row:
    return {
        "id": new_id(),
        "number": admission.knock.order_number,
        "practice_id": by.practice_id,
        "fill_number": 0,
        "refill_number": 0,
        "first_day": option.supply.window.first_day,
        "days": option.supply.window.days,
        "supply_method": option.supply.method,
        "delivery": submission.supply.delivery,
        "answers": given_on(stated_answers(submission), admission.reference.on),
        "quote_id": None,
        "price_book_id": admission.reference.prices().book_id,
        "split_fill_id": None,
        "remake_of_id": None,
        "home_until": None,
        "status_at": now,
        "status_by": by.id,
        "created_at": now,
        "promised_on": None,
        "shipped_on": None,
        "started_on": None,
        "rejection": None,
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


def _questions(submission: Submission, admission: AnyAdmission) -> tuple[Finding, ...]:
    """What must be answered before anybody reviews the order."""
    answers = Answers(
        opioid_last_14_days=submission.opioid_last_14_days,
        allergies=_texts(submission.allergies),
        no_known_allergies=submission.no_known_allergies,
        medicines=_texts(submission.medicines),
    )
    authorization = submission.authorization
    return clarifications(
        answers,
        has_authorisation=authorization is not None and authorization.signer_npi == submission.prescriber.npi,
        prescriber_on_roster=admission.knock.is_on_roster,
    )


def _about_directions(about_plan: Iterable[Finding]) -> Iterator[Finding]:
    """One question to the prescriber where what was written contradicts the steps, or leaves a choice in them."""
    contradicting = [each for each in about_plan if each.severity is Severity.BLOCK and is_written(each.code)]
    if contradicting:
        because = " ".join(each.because for each in contradicting)
        yield Finding(StaffQuestion.DIRECTIONS, Severity.BLOCK, because, contradicting[0].where)


def _texts(stated: tuple[Stated, ...] | None) -> tuple[str, ...] | None:
    return None if stated is None else tuple(each.text for each in stated)


def _about_plan(
    submission: Submission, derivation: Derivation, option: Option, reference: Reference
) -> Iterator[Finding]:
    """What review will look at besides the patient: plan, supply, refills, diagnoses."""
    yield from (*derivation.findings, *option.findings)
    closed = submission.supply.plan.closed_days
    yield from findings_of_written(
        submission.supply,
        derivation.window,
        at=("prescription", "as_written"),
        refills=submission.refills,
        written_on=submission.written_on,
    )
    if submission.refills and closed is not None and closed <= derivation.window.last_day:
        because = f"The plan ends on day {closed}, so nothing is left for {submission.refills} refills."
        yield Finding("F-REFILLS-AFTER-PLAN", Severity.WARN, because, ("prescription", "refills"))
    yield from diagnoses_found(
        submission.diagnosis_codes, submission.written_on, reference.on, reference.screening.diagnosis_codes
    )


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
            "unit_ml": line.unit_ml,
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
