"""Shapes of traces and recalls: what is asked, and what is answered."""

from __future__ import annotations

from marshmallow import fields

from pharmacy.domain.notices import Start
from pharmacy.domain.orders import OrderStatus
from pharmacy.domain.recalls import RecallAnswer, RecallSubject
from pharmacy.domain.titration import TimeOfDay
from pharmacy.store.batches import BatchKind, BatchStatus
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    Flag,
    Identifier,
    KeptDay,
    OneOf,
    QueryWhole,
    Text,
    Whole,
)
from pharmacy.web.liquid_fields import CapsuleCount, CapsuleStrengthMg, ConcentrationMgPerMl, VolumeMl
from pharmacy.web.quantity_fields import ExactNumber

_MOST_CAPSULES = 10_000


class TracedBatchOutput(Answered):
    """A batch on the trace; `api_lot` is null where a triturate took the powder's place."""

    id = fields.UUID()
    number = fields.String()
    kind = OneOf(BatchKind)
    status = OneOf(BatchStatus)
    strength_mg = fields.String(allow_none=True)
    compounded_on = KeptDay()
    beyond_use_on = KeptDay()
    triturate_id = fields.UUID(allow_none=True)
    api_lot = fields.String(allow_none=True)
    filler_lot = fields.String()


class TracedLotOutput(Answered):
    id = fields.UUID()
    number = fields.String()
    kind = fields.String(metadata={"enum": ["api", "filler", "shell"]})


class MeasuredDoseOutput(Answered):
    """What the patient measures at that time of day."""

    time_of_day = OneOf(TimeOfDay)
    dose_ml = fields.String()


class HoldingOutput(Answered):
    """Capsules promised to one line of an order, or millilitres of a liquid.

    What is left counts from this morning, if every dose before was taken; `step_position` is null before the
    first dose and after the last. `doses_ml` are today's doses of a liquid; none of capsules.
    """

    batch_number = fields.String()
    order_id = fields.UUID()
    order_number = fields.Integer()
    order_status = OneOf(OrderStatus)
    practice = fields.String()
    patient_id = fields.UUID()
    patient = fields.String()
    phone = fields.String()
    strength_mg = CapsuleStrengthMg(attribute="strength_ug")
    capsules = CapsuleCount()
    concentration_mg_per_ml = ConcentrationMgPerMl()
    volume_ml = VolumeMl(of="capsules")
    has_left = fields.Boolean()
    start = OneOf(Start)
    plan_day = fields.Integer()
    step_position = fields.Integer(allow_none=True)
    capsules_left = CapsuleCount()
    volume_left_ml = VolumeMl(of="capsules_left")
    doses_ml = fields.List(fields.Nested(MeasuredDoseOutput))


class TraceOutput(Answered):
    """`made_of` are the triturates behind a batch, `batches` what became of the traced thing, itself included."""

    made_of = fields.List(fields.Nested(TracedBatchOutput))
    batches = fields.List(fields.Nested(TracedBatchOutput))
    lots = fields.List(fields.Nested(TracedLotOutput))
    holdings = fields.List(fields.Nested(HoldingOutput))


class RecallInput(Asked):
    """A drill takes the same trace and changes nothing."""

    subject = OneOf(RecallSubject, required=True)
    subject_id = Identifier(required=True)
    reason = Text(most=1000, required=True)
    drill = Flag(load_default=False)


class RecallResponseInput(Asked):
    order_id = Identifier(required=True)
    answer = OneOf(RecallAnswer, required=True)
    note = Text(most=1000, required=True)
    capsules_returned = Whole(least=0, most=_MOST_CAPSULES, load_default=None, allow_none=True)
    returned_ml = ExactNumber(
        places=3,
        least="0",
        most="10000",
        load_default=None,
        allow_none=True,
        metadata={"description": "In its place where a liquid was dispensed."},
    )


class RecallPracticeInput(Asked):
    practice_id = Identifier(required=True)
    told_whom = Text(most=200, required=True)


class RecallOutcomeInput(Asked):
    outcome = Text(most=1000, required=True)


class RecallsQuery(Asked):
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class RecallReportOutput(Answered):
    """The counts that an inspector asks for, as of the opening; liquids apart from capsules, in millilitres."""

    # Reports from before liquids were told apart.
    may_lack = frozenset({"ml_dispensed", "ml_left", "ml_in_house"})

    subject = fields.String()
    batches = fields.List(fields.String())
    lots = fields.List(fields.String())
    orders = fields.Integer()
    patients = fields.Integer()
    practices = fields.Integer()
    capsules_dispensed = fields.Integer()
    capsules_left = fields.Integer()
    capsules_in_house = fields.Integer()
    ml_dispensed = fields.String()
    ml_left = fields.String()
    ml_in_house = fields.String()


class RecallPatientOutput(Answered):
    """One order to call about; `step_position` and what is left as of the opening, of a liquid in millilitres."""

    order_id = fields.UUID()
    order_number = fields.Integer()
    patient_id = fields.UUID()
    patient = fields.String()
    phone = fields.String()
    capsules = CapsuleCount()
    capsules_left = CapsuleCount()
    volume_ml = VolumeMl(of="capsules")
    volume_left_ml = VolumeMl(of="capsules_left")
    step_position = fields.Integer(allow_none=True)
    answer = OneOf(RecallAnswer)
    answered_at = fields.AwareDateTime(allow_none=True)
    note = fields.String(allow_none=True)
    capsules_returned = CapsuleCount()
    returned_ml = VolumeMl(of="capsules_returned")


class RecallPracticeOutput(Answered):
    practice_id = fields.UUID()
    practice = fields.String()
    told_at = fields.AwareDateTime(allow_none=True)
    told_whom = fields.String(allow_none=True)


class RecallOutput(Answered):
    """A recall or drill. `elapsed_ms` is how long the trace and the blocking took."""

    id = fields.UUID()
    subject = OneOf(RecallSubject)
    subject_id = fields.UUID()
    drill = fields.Boolean()
    reason = fields.String()
    report = fields.Nested(RecallReportOutput)
    elapsed_ms = fields.Integer()
    opened_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    outcome = fields.String(allow_none=True)
    patients = fields.List(fields.Nested(RecallPatientOutput))
    practices = fields.List(fields.Nested(RecallPracticeOutput))


class RecallPage(Answered):
    recalls = fields.List(fields.Nested(RecallOutput))
    next_page = fields.String(allow_none=True)
