"""Shapes of trainings and of the logs an inspector asks for."""

from __future__ import annotations

from marshmallow import fields

from pharmacy.domain.readiness import Competency
from pharmacy.domain.stock import MovementKind
from pharmacy.store.quality_logs import IncidentEntryKind, IncidentKind, Severity
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    CalendarDay,
    Identifier,
    Instant,
    KeptDay,
    OneOf,
    QueryWhole,
    Text,
)
from pharmacy.web.quantity_fields import DoseMg, ExactNumber


class Paged(Asked):
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class TrainingInput(Asked):
    """`training_expires_on` is at most as far as the house allows; that is its default."""

    competency = OneOf(Competency, required=True)
    trained_on = CalendarDay(required=True)
    training_expires_on = CalendarDay(load_default=None, allow_none=True)
    method = Text(most=500, required=True)
    corrects_id = Identifier(load_default=None, allow_none=True)


class TrainingOutput(Answered):
    id = fields.UUID()
    staff_member_id = fields.UUID()
    competency = OneOf(Competency)
    trained_on = KeptDay()
    training_expires_on = KeptDay()
    method = fields.String()
    corrects_id = fields.UUID(allow_none=True)
    recorded_at = fields.AwareDateTime()
    assessed_by = fields.UUID()


class TrainingLog(Answered):
    trainings = fields.List(fields.Nested(TrainingOutput))


class InForceOutput(Answered):
    competency = OneOf(Competency)
    training_expires_on = KeptDay(allow_none=True)


class MemberTraining(Answered):
    """One person; trained through `trained_until`, which is null when a competency is missing."""

    staff_member_id = fields.UUID()
    full_name = fields.String()
    role = fields.String()
    is_trained_today = fields.Boolean()
    trained_until = KeptDay(allow_none=True)
    competencies = fields.List(fields.Nested(InForceOutput))


class TrainingsToday(Answered):
    members = fields.List(fields.Nested(MemberTraining))


class IncidentInput(Asked):
    """A complaint or an adverse event about a prescription, a batch, a component lot, or several of them."""

    kind = OneOf(IncidentKind, required=True)
    severity = OneOf(Severity, required=True)
    reported_on = CalendarDay(required=True)
    source = Text(most=200, required=True)
    description = Text(most=4000, required=True)
    prescription_id = Identifier(load_default=None, allow_none=True)
    batch_id = Identifier(load_default=None, allow_none=True)
    component_lot_id = Identifier(load_default=None, allow_none=True)


class IncidentEntryInput(Asked):
    kind = OneOf(IncidentEntryKind, required=True)
    wording = Text(most=4000, required=True)
    medwatch_number = Text(most=40, load_default=None, allow_none=True)


class IncidentEntryOutput(Answered):
    id = fields.UUID()
    kind = OneOf(IncidentEntryKind)
    wording = fields.String()
    medwatch_number = fields.String(allow_none=True)
    recorded_at = fields.AwareDateTime()
    recorded_by = fields.UUID()


class IncidentOutput(Answered):
    id = fields.UUID()
    kind = OneOf(IncidentKind)
    severity = OneOf(Severity)
    reported_on = KeptDay()
    source = fields.String()
    description = fields.String()
    prescription_id = fields.UUID(allow_none=True)
    batch_id = fields.UUID(allow_none=True)
    component_lot_id = fields.UUID(allow_none=True)
    recorded_at = fields.AwareDateTime()
    recorded_by = fields.UUID()


class IncidentFile(IncidentOutput):
    """One incident with all that was found out and done, oldest first; an outcome closes it."""

    entries = fields.List(fields.Nested(IncidentEntryOutput))
    is_closed = fields.Boolean()


class IncidentsQuery(Paged):
    kind = OneOf(IncidentKind, load_default=None)


class IncidentPage(Answered):
    incidents = fields.List(fields.Nested(IncidentOutput))
    next_page = fields.String(allow_none=True)


class RoomReadingInput(Asked):
    room = Text(most=100, required=True)
    read_at = Instant(required=True)
    temperature_c = ExactNumber(places=1, least="-40", most="60", required=True)
    humidity_pct = ExactNumber(places=1, least="0", most="100", required=True)
    remark = Text(most=1000, load_default=None, allow_none=True)
    corrects_id = Identifier(load_default=None, allow_none=True)


class RoomReadingOutput(Answered):
    """A reading with the limits that held then; both ends are within."""

    id = fields.UUID()
    room = fields.String()
    read_on = KeptDay()
    read_at = fields.AwareDateTime()
    temperature_c = ExactNumber(places=1, least="-40", most="60")
    humidity_pct = ExactNumber(places=1, least="0", most="100")
    least_c = ExactNumber(places=1, least="-40", most="60")
    most_c = ExactNumber(places=1, least="-40", most="60")
    most_humidity_pct = ExactNumber(places=1, least="0", most="100")
    is_within = fields.Boolean()
    remark = fields.String(allow_none=True)
    corrects_id = fields.UUID(allow_none=True)
    recorded_at = fields.AwareDateTime()
    recorded_by = fields.UUID()


class RoomReadingsQuery(Paged):
    room = Text(most=100, load_default=None)


class RoomReadingPage(Answered):
    readings = fields.List(fields.Nested(RoomReadingOutput))
    next_page = fields.String(allow_none=True)


class CleaningInput(Asked):
    place = Text(most=100, required=True)
    agent = Text(most=200, required=True)
    cleaned_at = Instant(required=True)
    remark = Text(most=1000, load_default=None, allow_none=True)
    corrects_id = Identifier(load_default=None, allow_none=True)


class CleaningOutput(Answered):
    id = fields.UUID()
    place = fields.String()
    agent = fields.String()
    cleaned_at = fields.AwareDateTime()
    remark = fields.String(allow_none=True)
    corrects_id = fields.UUID(allow_none=True)
    recorded_at = fields.AwareDateTime()
    recorded_by = fields.UUID()


class CleaningPage(Answered):
    cleanings = fields.List(fields.Nested(CleaningOutput))
    next_page = fields.String(allow_none=True)


class WasteOutput(Answered):
    """What was wasted or destroyed of a lot or triturate; one taken back has a line that reverses it."""

    id = fields.UUID()
    stock_id = fields.UUID()
    kind = OneOf(MovementKind)
    change_mg = DoseMg(attribute="ug", metadata={"pattern": "^-?[0-9]+(?:\\.[0-9]+)?$"})
    reason = fields.String()
    reverses_id = fields.UUID(allow_none=True)
    moved_on = KeptDay()
    moved_at = fields.AwareDateTime()
    moved_by = fields.UUID()


class WastePage(Answered):
    waste = fields.List(fields.Nested(WasteOutput))
    next_page = fields.String(allow_none=True)
