"""Shapes of the catalogue, of component lots and of their ledgers."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from pharmacy.domain.components import ComponentKind, ComponentTag
from pharmacy.domain.gs1 import LONGEST_SCAN
from pharmacy.domain.lots import LotAct, LotStatus, Printed, PrintedExpiry
from pharmacy.domain.potency import ApiForm, AssayBasis
from pharmacy.domain.quantities import Milligrams
from pharmacy.domain.stock import Disposal, MovementKind
from pharmacy.usecases.receive_lot import NewCertificate, NewTablets
from pharmacy.web.api.shapes import Answered, Asked
from pharmacy.web.fields import (
    CalendarDay,
    Flag,
    Identifier,
    KeptDay,
    OneOf,
    QueryWhole,
    ScanText,
    Text,
    Whole,
)
from pharmacy.web.quantity_fields import DoseMg, ExactNumber

_TWENTY = 20


def more_than_nothing(mass: Any) -> None:
    """A mass that is above zero."""
    if mass is not None and mass.value == 0:
        raise ValidationError("A mass above zero is due here.")


class ComponentInput(Asked):
    name = Text(most=200, required=True)
    kind = OneOf(ComponentKind, required=True)
    tags = fields.List(OneOf(ComponentTag), load_default=list)
    cas_number = Text(most=20, load_default=None, allow_none=True)


class ComponentOutput(Answered):
    """A component; `refused_as_filler` says why it may not fill a capsule, and is null when it may."""

    id = fields.UUID()
    name = fields.String()
    kind = OneOf(ComponentKind)
    tags = fields.List(fields.String())
    cas_number = fields.String(allow_none=True)
    refused_as_filler = fields.String(allow_none=True)


class Catalogue(Answered):
    components = fields.List(fields.Nested(ComponentOutput))


class ExpiryInput(Asked):
    """How the vendor printed the end of the lot: a day, a month, or nothing; and a retest date if there is one."""

    year = Whole(least=2000, most=2199, load_default=None, allow_none=True)
    month = Whole(least=1, most=12, load_default=None, allow_none=True)
    expires_on = CalendarDay(load_default=None, allow_none=True)
    retest_on = CalendarDay(load_default=None, allow_none=True)

    @validates_schema
    def _one_way(self, said: dict[str, Any], **_: Any) -> None:
        if (said["year"] is None) != (said["month"] is None):
            raise ValidationError("Year and month are given together.", "month")
        if said["expires_on"] is not None and said["year"] is not None:
            raise ValidationError("Either a day or a month is given.", "expires_on")

    @post_load
    def _as_printed(self, said: dict[str, Any], **_: Any) -> Printed:
        day = said["expires_on"]
        if day is not None:
            return Printed(
                expiry=PrintedExpiry.DAY,
                year=day.year,
                month=day.month,
                day=day.day,
                retest_on=said["retest_on"],
            )
        kind = PrintedExpiry.NONE if said["year"] is None else PrintedExpiry.MONTH
        return Printed(expiry=kind, year=said["year"], month=said["month"], retest_on=said["retest_on"])


class CertificateInput(Asked):
    """What the certificate of analysis of a lot of naltrexone says."""

    number = Text(most=100, required=True)
    form = OneOf(ApiForm, required=True)
    assay_pct = ExactNumber(places=4, least="0.0001", most="110", required=True)
    basis = OneOf(AssayBasis, required=True)
    water_pct = ExactNumber(places=4, least="0", most="99.9999", load_default=None, allow_none=True)
    solvents_pct = ExactNumber(places=4, least="0", most="99.9999", required=True)
    identity_confirmed = Flag(required=True)
    maker_is_registered = Flag(required=True)

    @post_load
    def _as_command(self, said: dict[str, Any], **_: Any) -> NewCertificate:
        return NewCertificate(**said)


class ReceivedTabletsInput(Asked):
    """What one tablet is labelled to hold, and the mass of twenty that were weighed together."""

    label_mg = ExactNumber(places=6, least="0.001", most="10000", required=True)
    twenty_mg = ExactNumber(places=6, least="0.001", most="1000000", required=True)

    @post_load
    def _as_command(self, said: dict[str, Any], **_: Any) -> NewTablets:
        return NewTablets(label=Milligrams(said["label_mg"]), mean_mg=said["twenty_mg"] / _TWENTY)


class ComponentLotInput(Asked):
    """A receipt; shells come with `shell_id` and `shells` in place of a mass, tablets with what twenty weigh."""

    component_id = Identifier(required=True)
    number = Text(most=60, required=True)
    vendor = Text(most=200, required=True)
    manufacturer = Text(most=200, required=True)
    catalogue_number = Text(most=60, load_default=None, allow_none=True)
    gtin = Text(least=14, most=14, load_default=None, allow_none=True)
    serial = Text(most=40, load_default=None, allow_none=True)
    mass_mg = DoseMg(load_default=None, allow_none=True, validate=more_than_nothing)
    shell_id = Identifier(load_default=None, allow_none=True)
    shells = Whole(least=1, most=10_000_000, load_default=None, allow_none=True)
    tablets = fields.Nested(ReceivedTabletsInput, load_default=None, allow_none=True)
    expiry = fields.Nested(ExpiryInput, required=True)
    received_on = CalendarDay(load_default=None, allow_none=True)
    grade = Text(most=40, load_default=None, allow_none=True)
    storage = Text(most=200, required=True)
    certificate = fields.Nested(CertificateInput, load_default=None, allow_none=True)


class ComponentLotOutput(Answered):
    """A lot; `why_not` says why nothing may be weighed from it today, and is null when something may."""

    id = fields.UUID()
    number = fields.String()
    kind = OneOf(ComponentKind)
    name = fields.String()
    component_id = fields.UUID(allow_none=True)
    status = OneOf(LotStatus)
    status_reason = fields.String(allow_none=True)
    expires_on = KeptDay()
    printed_expiry = OneOf(PrintedExpiry, allow_none=True)
    retest_on = KeptDay(allow_none=True)
    on_hand_mg = DoseMg()
    why_not = fields.String(allow_none=True)
    vendor = fields.String(allow_none=True)
    manufacturer = fields.String(allow_none=True)
    catalogue_number = fields.String(allow_none=True)
    gtin = fields.String(allow_none=True)
    serial = fields.String(allow_none=True)
    grade = fields.String(allow_none=True)
    storage = fields.String(allow_none=True)
    certificate_number = fields.String(allow_none=True)
    form = OneOf(ApiForm, allow_none=True)
    assay_pct = ExactNumber(places=4, least="0", most="110", allow_none=True)
    assay_basis = OneOf(AssayBasis, allow_none=True)
    water_pct = ExactNumber(places=4, least="0", most="100", allow_none=True)
    solvents_pct = ExactNumber(places=4, least="0", most="100", allow_none=True)
    identity_confirmed = fields.Boolean(allow_none=True)
    maker_is_registered = fields.Boolean(allow_none=True)
    shell_id = fields.UUID(allow_none=True)
    shells_on_hand = fields.Integer(allow_none=True)
    tablet_label_mg = ExactNumber(places=6, least="0", most="10000", allow_none=True)
    tablet_mean_mg = ExactNumber(places=6, least="0", most="50000", allow_none=True)
    received_on = KeptDay(allow_none=True)
    received_by = fields.UUID(allow_none=True)
    reviewed_at = fields.AwareDateTime(allow_none=True)
    reviewed_by = fields.UUID(allow_none=True)


class ComponentLotsQuery(Asked):
    kind = OneOf(ComponentKind, load_default=None)
    status = OneOf(LotStatus, load_default=None)
    page = Text(most=400, load_default=None, metadata={"description": "The bookmark of a page."})
    limit = QueryWhole(least=1, most=100, load_default=20)


class ComponentLotPage(Answered):
    lots = fields.List(fields.Nested(ComponentLotOutput))
    next_page = fields.String(allow_none=True)


class LotDecisionInput(Asked):
    act = OneOf(LotAct, required=True)
    reason = Text(most=1000, required=True)


class ScanInput(Asked):
    scan = ScanText(most=LONGEST_SCAN, required=True)


class ScanOutput(Answered):
    """What the symbol says, the lots that were received under that number, and what came under that GTIN before."""

    gtin = fields.String(allow_none=True)
    expires_on = KeptDay(allow_none=True)
    expires_by_month = fields.Boolean()
    lot = fields.String()
    serial = fields.String(allow_none=True)
    received_as = fields.UUID(allow_none=True)
    component_id = fields.UUID(allow_none=True)


class ChoiceInput(Asked):
    kind = OneOf(ComponentKind, required=True)
    need_mg = DoseMg(required=True, validate=more_than_nothing)
    beyond_use_on = CalendarDay(load_default=None, allow_none=True)


class LeftOut(Answered):
    number = fields.String()
    because = fields.String()


class ChoiceOutput(Answered):
    """The lot to use, null when none serves, and why the others were left."""

    lot_id = fields.UUID(allow_none=True)
    number = fields.String(allow_none=True)
    expires_on = KeptDay(allow_none=True)
    left_out = fields.List(fields.Nested(LeftOut))


class MovementInput(Asked):
    """Something is thrown away: wasted at the bench, or destroyed."""

    kind = OneOf(Disposal, required=True)
    mass_mg = DoseMg(required=True, validate=more_than_nothing)
    reason = Text(most=1000, required=True)


class ContainerInput(Asked):
    """Another container of a lot that was received before."""

    mass_mg = DoseMg(required=True, validate=more_than_nothing)
    received_on = CalendarDay(load_default=None, allow_none=True)
    serial = Text(most=40, load_default=None, allow_none=True)


class TransferWay(StrEnum):
    IN = "in"
    OUT = "out"


class StockTransferInput(Asked):
    """Stock that went to another place of the house's, or came from there."""

    way = OneOf(TransferWay, required=True)
    mass_mg = DoseMg(required=True, validate=more_than_nothing)
    reason = Text(most=1000, required=True)


class MovementOutput(Answered):
    """One line of the ledger; `change_mg` is below zero for what went out."""

    id = fields.UUID()
    stock_id = fields.UUID()
    position = fields.Integer()
    kind = OneOf(MovementKind)
    change_mg = DoseMg(attribute="ug", metadata={"pattern": "^-?[0-9]+(?:\\.[0-9]+)?$"})
    on_hand_after_mg = DoseMg(attribute="on_hand_after_ug")
    subject_id = fields.UUID()
    reason = fields.String(allow_none=True)
    reverses_id = fields.UUID(allow_none=True)
    moved_on = KeptDay()
    moved_at = fields.AwareDateTime()
    moved_by = fields.UUID()


class Ledger(Answered):
    stock_id = fields.UUID()
    number = fields.String()
    on_hand_mg = DoseMg()
    movements = fields.List(fields.Nested(MovementOutput))


class PutBackInput(Asked):
    reason = Text(most=1000, required=True)


class CountInput(Asked):
    counted_mg = DoseMg(required=True)


class CountOutput(Answered):
    """A count; `variance_mg` is below zero when some was missing. An investigated one has left a task."""

    id = fields.UUID()
    stock_id = fields.UUID()
    counted_mg = DoseMg(attribute="counted_ug")
    book_mg = DoseMg(attribute="book_ug")
    variance_mg = DoseMg(attribute="variance_ug", metadata={"pattern": "^-?[0-9]+(?:\\.[0-9]+)?$"})
    is_investigated = fields.Boolean()
    counted_on = KeptDay()
    counted_at = fields.AwareDateTime()
    counted_by = fields.UUID()
