"""Recalls and drills: opened by a scan, reported with the time they took, worked off call by call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from time import monotonic_ns
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for

from pharmacy.domain.actors import Actor
from pharmacy.domain.orders import Role
from pharmacy.domain.recalls import RecallAnswer, RecallNotFound, RecallSubject
from pharmacy.store import recalls as books
from pharmacy.store.pages import page_of
from pharmacy.store.recalls import Recall
from pharmacy.store.sessions import Session
from pharmacy.store.waits import told_apart
from pharmacy.usecases.open_recall import NewRecall, open_recall
from pharmacy.usecases.recall_views import recall_document
from pharmacy.usecases.recognise_scan import ScanKind, recognise_scan
from pharmacy.usecases.record_recall import (
    PatientAnswer,
    PracticeTold,
    close_recall,
    practice_told,
    record_recall,
)
from pharmacy.usecases.refusals import Of
from pharmacy.usecases.scanned_bench import NothingScanned
from pharmacy.usecases.trace_stock import Traced, trace_document, trace_stock
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.console.blueprint import blueprint
from pharmacy.web.console.forms import Form
from pharmacy.web.console.frame import frame
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.lists import Pages
from pharmacy.web.console.order import reference_of_today
from pharmacy.web.console.presence import the_member
from pharmacy.web.console.queue import the_viewer
from pharmacy.web.console.stock_rows import BENCH, PHARMACISTS
from pharmacy.web.console.tries import attempt
from pharmacy.web.console.typed import a_count_or_none, a_number_or_none, a_text
from pharmacy.web.console.words import Chip, Moment, Tone, in_words, instant_moment
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_role

_READERS = (Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE, Role.AUDITOR)
_PHARMACISTS = (Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
_CALLERS = (Role.TECHNICIAN, *_PHARMACISTS)
_ROWS = 20
_NS_PER_MS, _MS_PER_SECOND = 1_000_000, 1000
_ANSWERS: Mapping[RecallAnswer, Chip] = {
    RecallAnswer.TO_NOTIFY: Chip(lazy_gettext("To notify"), Tone.MINE),
    RecallAnswer.NOTIFIED: Chip(lazy_gettext("Notified"), Tone.WAITING),
    RecallAnswer.ANSWERED: Chip(lazy_gettext("Answered"), Tone.DONE),
    RecallAnswer.RETURNED: Chip(lazy_gettext("Returned"), Tone.DONE),
    RecallAnswer.UNREACHABLE: Chip(lazy_gettext("Unreachable"), Tone.BLOCKED),
}


@blueprint.get("/recalls")
@needs_role(*_READERS)
def recalls_page() -> Any:
    """Recalls and drills, newest first, and the form that opens one."""
    return _list(Form.showing({"scan": request.args.get("scan", "")[:200], "drill": "yes"}))


@blueprint.post("/recalls")
@needs_role(*_PHARMACISTS)
def open_a_recall() -> Any:
    """A recall or a drill of what was scanned; or the form with the reason why not."""
    began = monotonic_ns()
    form = Form.typed("scan", "drill", "reason", longest=1000)
    tried = attempt(
        form,
        lambda session, by, now: _open(session, form, began, by, now).id,
        of=Of.RECALL,
        about=the_member().id,
        is_signed=True,
    )
    if tried.is_refused or tried.done is None:
        return _list(tried.form), tried.status
    return redirect(url_for("console.recall_page", recall_id=tried.done), code=303)


@blueprint.get("/recalls/<uuid:recall_id>")
@needs_role(*_READERS)
def recall_page(recall_id: UUID) -> Any:
    """The report, and how far it has come with everybody."""
    return _recall(recall_id, Form())


@blueprint.post("/recalls/<uuid:recall_id>/<act_name>")
@needs_role(*_CALLERS)
def recall_act(recall_id: UUID, act_name: str) -> Any:
    """A call, a practice that was told, or the end of the recall is on record."""
    form = Form.typed(
        "order_id",
        "answer",
        "note",
        "capsules_returned",
        "returned_ml",
        "practice_id",
        "told_whom",
        "outcome",
        name=act_name,
    )
    if act_name not in _ACTS:
        raise RecallNotFound
    if act_name == "close" and the_viewer().role not in PHARMACISTS:
        return _recall(recall_id, Form(name="close", refusal=gettext("A pharmacist closes a recall."))), 403
    whose = form["order_id"] or form["practice_id"] or act_name
    named = Form(name=whose, values=form.values)
    tried = attempt(
        named,
        lambda session, by, now: (_ACTS[act_name](session, recall_id, named, by, now), True)[1],
        of=Of.RECALL,
        about=recall_id,
        is_signed=act_name == "close",
    )
    if tried.is_refused:
        return _recall(recall_id, tried.form), tried.status
    return redirect(url_for("console.recall_page", recall_id=recall_id), code=303)


@blueprint.get("/trace/<subject>/<uuid:subject_id>")
@needs_role(*_READERS)
def trace_page(subject: str, subject_id: UUID) -> Any:
    """Forward and back from a lot or a batch, to orders and patients."""
    if subject not in set(RecallSubject):
        raise RecallNotFound
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        traced = Traced(RecallSubject(subject), subject_id)
        trace, holdings = trace_stock(session, traced, reference_of_today(session), now=pharmacy.clock())
        name = books.name_of_subject(session, traced.subject, subject_id)
        around = frame(session, "stock")
    return render_template(
        "console/trace.html",
        frame=around,
        name=name,
        trace=trace_document(trace, holdings),
        in_words=in_words,
    )


def _open(session: Session, form: Form, began: int, by: Actor, now: datetime) -> Recall:
    found = recognise_scan(session, form["scan"], the_viewer().today)
    if found is None or found.id is None or found.kind not in _SUBJECTS:
        raise NothingScanned(gettext("lot or batch"), form["scan"], where=("scan",))
    new = NewRecall(
        traced=Traced(_SUBJECTS[found.kind], found.id),
        reason=form["reason"],
        is_drill=form["drill"] != "no",
        stopwatch=lambda: (monotonic_ns() - began) // _NS_PER_MS,
    )
    return open_recall(session, new, reference_of_today(session), by=by, now=now)


_SUBJECTS: Mapping[ScanKind, RecallSubject] = {
    ScanKind.LOT: RecallSubject.COMPONENT_LOT,
    ScanKind.BATCH: RecallSubject.BATCH,
    ScanKind.TRITURATE: RecallSubject.BATCH,
}


def _list(form: Form) -> str:
    bookmark = read_bookmark(request.args.get("page") or None)
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.read() as session:
        page = page_of(session, books.newest_first(), _ROWS, bookmark)
        found = [recall_document(recall) for recall in page.records]
        around = frame(session, "stock")
    following = sign_bookmark(page.next_bookmark)
    return render_template(
        "console/recalls.html",
        frame=around,
        form=form,
        rows=[
            {
                "id": each["id"],
                "subject": each["report"]["subject"],
                "state": _state(each),
                "opened": _at(each["opened_at"]),
                "patients": each["report"]["patients"],
                "took": _took(each["elapsed_ms"]),
            }
            for each in found
        ],
        pages=Pages(
            next_href=url_for("console.recalls_page", page=following) if following else "",
            first_href=url_for("console.recalls_page") if bookmark else "",
        ),
        may_open=the_viewer().role in PHARMACISTS,
    )


def _recall(recall_id: UUID, form: Form) -> str:
    role = the_viewer().role
    with told_apart(), the_pharmacy().sessions.read() as session:
        recall = recall_document(books.get(session, recall_id))
        around = frame(session, "stock")
    is_open = not recall["drill"] and recall["closed_at"] is None
    return render_template(
        "console/recall.html",
        frame=around,
        recall=recall,
        liquids=_liquids(recall["report"]),
        state=_state(recall),
        opened=_at(recall["opened_at"]),
        took=_took(recall["elapsed_ms"]),
        chips=_ANSWERS,
        answers=[
            (each.value, _ANSWERS[each].words) for each in RecallAnswer if each is not RecallAnswer.TO_NOTIFY
        ],
        may_answer=is_open and role in BENCH,
        may_close=is_open and role in PHARMACISTS,
        form=form,
        form_of=lambda name: form if form.name == name else Form(name=name),
    )


_LIQUIDS = (
    ("ml_dispensed", lazy_gettext("Liquid dispensed")),
    ("ml_left", lazy_gettext("Liquid left by the plan")),
    ("ml_in_house", lazy_gettext("Liquid in the house")),
)


def _liquids(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the report tells of liquids, where it was about any."""
    told = [(str(label), report.get(name, "0")) for name, label in _LIQUIDS]
    return (
        [(label, gettext("%(ml)s mL", ml=ml)) for label, ml in told]
        if any(ml != "0" for _, ml in told)
        else []
    )


def _state(recall: Mapping[str, Any]) -> Chip:
    if recall["drill"]:
        return Chip(gettext("Drill"), Tone.WAITING)
    if recall["closed_at"] is not None:
        return Chip(gettext("Closed"), Tone.DONE)
    return Chip(gettext("Open"), Tone.BLOCKED)


def _at(at: datetime) -> Moment:
    return instant_moment(at, the_pharmacy().zone)


def _took(elapsed_ms: int) -> str:
    """ "0.3 s": what the whole list took, to a tenth of a second and never nothing."""
    tenths = max(1, -(-elapsed_ms * 10 // _MS_PER_SECOND))
    return f"{tenths // 10}.{tenths % 10} s"


def _answer(session: Session, recall_id: UUID, form: Form, by: Actor, now: datetime) -> Any:
    answer = form["answer"] if form["answer"] in set(RecallAnswer) else RecallAnswer.NOTIFIED.value
    given = PatientAnswer(
        recall_id=recall_id,
        order_id=_id(form["order_id"]),
        answer=RecallAnswer(answer),
        note=a_text(form, "note", gettext("A note")),
        capsules_returned=a_count_or_none(form, "capsules_returned", gettext("The number that came back")),
        returned_ml=a_number_or_none(
            form, "returned_ml", gettext("The volume that came back, in millilitres,")
        ),
    )
    return record_recall(session, given, by=by, now=now)


def _practice(session: Session, recall_id: UUID, form: Form, by: Actor, now: datetime) -> Any:
    told = PracticeTold(
        recall_id=recall_id,
        practice_id=_id(form["practice_id"]),
        told_whom=a_text(form, "told_whom", gettext("Who there was told")),
    )
    return practice_told(session, told, by=by, now=now)


def _close(session: Session, recall_id: UUID, form: Form, by: Actor, now: datetime) -> Any:
    return close_recall(session, recall_id, a_text(form, "outcome", gettext("How it ended")), by=by, now=now)


_ACTS = {"answer": _answer, "practice": _practice, "close": _close}


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise RecallNotFound from None
