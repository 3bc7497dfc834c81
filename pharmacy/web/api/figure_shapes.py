"""Shapes of the figures: the days asked for, and what is counted in them."""

from __future__ import annotations

from enum import StrEnum

from marshmallow import fields

from pharmacy.domain.components import ComponentKind
from pharmacy.domain.orders import OrderStatus
from pharmacy.usecases.figures import FigureName
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import CalendarDay, OneOf, QueryWhole


class FigureForm(StrEnum):
    CSV = "csv"
    SVG = "svg"


class FigureQuery(Asked):
    """Both days belong to the span; the thirty days through today where none is named."""

    first_on = CalendarDay(load_default=None)
    last_on = CalendarDay(load_default=None)


class FigureExportQuery(FigureQuery):
    figure = OneOf(FigureName, load_default=FigureName.ORDERS)
    form = OneOf(FigureForm, load_default=FigureForm.CSV)
    drawing = QueryWhole(least=1, most=2, load_default=1, metadata={"description": "Which drawing, of two."})


class _OfDays(Answered):
    first_on = fields.Date()
    last_on = fields.Date()


class DayFigure(Answered):
    on = fields.Date()
    orders = fields.Integer()
    revenue_cents = fields.Integer(metadata={"description": "Captured less refunded."})


class OrdersFigure(_OfDays):
    days = fields.List(fields.Nested(DayFigure))
    orders = fields.Integer()
    revenue_cents = fields.Integer()


class StateFigure(Answered):
    """Minutes are exact below an hour, to the last full quarter below a day, to the last full hour beyond."""

    state = OneOf(OrderStatus)
    stays = fields.Integer()
    median_minutes = fields.Integer()
    p90_minutes = fields.Integer()
    p95_minutes = fields.Integer()


class TurnaroundFigure(_OfDays):
    states = fields.List(fields.Nested(StateFigure))


class ComponentFigure(Answered):
    name = fields.String()
    kind = OneOf(ComponentKind)
    on_hand_g = fields.String()
    used_g = fields.String()
    days_left = fields.Integer(allow_none=True, metadata={"description": "None where none was used."})
    expires_first_on = fields.Date()


class StockFigure(_OfDays):
    """Of today, whatever days are asked for."""

    as_of = fields.Date()
    use_days = fields.Integer()
    components = fields.List(fields.Nested(ComponentFigure))


class BatchFigure(Answered):
    number = fields.String()
    compounded_on = fields.Date()
    strength = fields.String()
    yield_pct = fields.String(allow_none=True)
    net_mean_pct = fields.String(allow_none=True)
    net_rsd_pct = fields.String(allow_none=True)


class LimitsFigure(Answered):
    """Mean and limits of the batches themselves; `signals` are the batches that are not like the others."""

    centre = fields.String()
    lower = fields.String()
    upper = fields.String()
    signals = fields.List(fields.String())


class BatchesFigure(_OfDays):
    batches = fields.List(fields.Nested(BatchFigure))
    is_cut = fields.Boolean(metadata={"description": "Whether older batches of these days are left out."})
    yield_limits = fields.Nested(LimitsFigure, allow_none=True)
    weight_limits = fields.Nested(LimitsFigure, allow_none=True)


class QuarterFigure(_OfDays):
    pass


class ReachedFigure(Answered):
    dose = fields.String()
    how = fields.String(metadata={"enum": ["continuing", "finished", "stopped"]})
    people = fields.Integer()


class OutcomesFigure(_OfDays):
    """Whole quarters; a cell that is missing counts fewer than `least_people`, or would give another away."""

    counted_at = fields.AwareDateTime(
        allow_none=True,
        metadata={
            "description": "How things stood then: it is counted again every hour. None where it was counted now."
        },
    )
    quarters = fields.List(fields.Nested(QuarterFigure))
    least_people = fields.Integer()
    people = fields.Integer(allow_none=True)
    reached = fields.List(fields.Nested(ReachedFigure))


class NoticeFigure(Answered):
    kind = fields.String()
    state = fields.String()
    notices = fields.Integer()


class NoticesFigure(_OfDays):
    outcomes = fields.List(fields.Nested(NoticeFigure))
