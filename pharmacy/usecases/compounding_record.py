"""The compounding record: the twelve things a batch must tell, gathered from what was written down.

Name, strength and form; day; number; who compounded, checked and released; each component with its maker, lot
and last day; each weighing; the quantity; beyond-use date and storage; every calculation; how it looks; the
checks; the formulation it follows. Deviations and the certificate of the calculation stand beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from pharmacy.domain.batches import BatchKind
from pharmacy.domain.dose_text import amount_text, format_dose
from pharmacy.domain.figures import shown
from pharmacy.domain.quantities import Micrograms
from pharmacy.store import orders, staff
from pharmacy.store import reference as books
from pharmacy.store.batch_rows import BatchRows, batch_rows
from pharmacy.store.batches import Allocation, Batch
from pharmacy.store.bench_work import BatchCheck, BatchWeighing
from pharmacy.store.formulations import Formulation
from pharmacy.usecases.plan_batch import followed_by, inputs_of

_FORMS: Mapping[BatchKind, str] = {
    BatchKind.CAPSULES: "capsule",
    BatchKind.TRITURATE: "powder, stock triturate",
    BatchKind.LIQUID: "oral liquid",
}
STORAGE = "tight, light-resistant container, controlled room temperature"


def compounding_record(session: Session, batch: Batch) -> dict[str, Any]:
    """Everything about the batch, as JSON and as the printed record show it."""
    return record_of(session, batch, batch_rows(session, batch))


def record_of(session: Session, batch: Batch, rows: BatchRows) -> dict[str, Any]:
    """The same, for whoever has just read these rows."""
    weighings, checks, deviations = rows.weighings, rows.checks, rows.deviations
    names = staff.names_of(
        session, _people(batch, weighings, checks, [each.recorded_by for each in deviations])
    )
    followed = _followed(session, batch, rows)
    return {
        **{name: getattr(batch, name) for name in _AS_KEPT},
        "preparation": "naltrexone hydrochloride",
        "strength": strength_text(batch),
        "dosage_form": _FORMS[batch.kind],
        "storage": _storage(batch, followed),
        "formulation": _formulation(batch, followed),
        "quantity": _quantity(batch, weighings),
        "components": _components(batch, rows),
        "weighings": _weighings(batch, rows, names),
        # Marks of the syringe are no capsules: what was promised of a liquid is told by its orders.
        "capsules_allocated": batch.capsules_promised,
        "allocations": _allocations(session, rows.allocations),
        "figures": batch.worksheet["figures"],
        "figures_as_weighed": (batch.as_weighed or {}).get("figures", []),
        "instructions": batch.worksheet["instructions"],
        "rounds": batch.worksheet.get("rounds", []),
        "machine_loads": batch.worksheet.get("loads", []),
        "checks": [_check(each, names) for each in checks],
        "reconciliation": (batch.reconciliation or {}).get("figures", []),
        "reconciliation_faults": (batch.reconciliation or {}).get("faults", []),
        "deviations": [
            {"wording": each.wording, "recorded_by": names[each.recorded_by], "recorded_at": each.recorded_at}
            for each in deviations
        ],
        "signatures": list(_signatures(batch, weighings, checks, names)),
        "certificate": batch.certificate,
    }


_AS_KEPT = (
    "id",
    "number",
    "kind",
    "status",
    "compounded_on",
    "beyond_use_on",
    "beyond_use_limited_by",
    "capsules_required",
    "capsules_prepared",
    "capsules_filled",
    "capsules_on_offer",
    "appearance",
)


def strength_text(batch: Batch) -> str:
    """The strength as the label of the batch says it."""
    if batch.strength_ug is not None:
        return format_dose(Micrograms(batch.strength_ug))
    if batch.strength_fraction is not None:
        return f"{shown(batch.strength_fraction * 100, 4)} % w/w"
    asked: Any = inputs_of(batch).asked
    return f"{shown(asked.concentration_mg_per_ml)} mg/mL"


def _storage(batch: Batch, followed: Formulation | None) -> str:
    """A liquid is stored as its formulation says; everything else at room temperature."""
    if batch.kind is not BatchKind.LIQUID or followed is None:
        return STORAGE
    return f"tight, light-resistant container, {followed.contents['beyond_use']['storage']}"


def made_text(batch: Batch) -> str:
    """What the batch is to be, for a heading: "7 capsules of 1.5 mg", "163 mL of 1 mg/mL", "triturate of 10 % w/w"."""
    strength = strength_text(batch)
    match batch.kind:
        case BatchKind.CAPSULES:
            return f"{amount_text(batch.capsules_required or 0)} of {strength}"
        case BatchKind.LIQUID:
            asked: Any = inputs_of(batch).asked
            return f"{shown(asked.volume_ml)} mL of {strength}"
        case BatchKind.TRITURATE:
            return f"triturate of {strength}"


def _formulation(batch: Batch, followed: Formulation | None) -> str:
    """The version of the master formulation record that the batch follows."""
    if followed is None:
        return f"standard procedure for {_FORMS[batch.kind]}"
    return f"{followed.name} ({followed.code}, version {followed.version})"


def _followed(session: Session, batch: Batch, rows: BatchRows) -> Formulation | None:
    """The version the batch names; of one that names none, what was in force for its form on its day."""
    if rows.formulation is not None:
        return rows.formulation
    asked = None if batch.certificate is None else inputs_of(batch).asked
    return followed_by(session, batch, asked, None)


def _quantity(batch: Batch, weighings: Sequence[BatchWeighing]) -> str:
    if batch.kind is BatchKind.CAPSULES:
        count = batch.capsules_required if batch.capsules_filled is None else batch.capsules_filled
        return f"{count} capsules{' to fill' if batch.capsules_filled is None else ' filled'}"
    if batch.kind is BatchKind.LIQUID:
        asked: Any = inputs_of(batch).asked
        return f"{shown(asked.volume_ml)} mL"
    total = sum((each.read_mg for each in weighings), Decimal(0))
    return f"{shown(total)} mg"


def _components(batch: Batch, rows: BatchRows) -> list[dict[str, Any]]:
    shells = [] if batch.shell_lot_id is None else [batch.shell_lot_id]
    lots, triturate = rows.lots, rows.triturate
    origin = " (in the triturate)" if batch.triturate_id is not None else ""
    found = [
        _component(f"active{origin}", lots[batch.api_lot_id]),
        _component("vehicle" if batch.kind is BatchKind.LIQUID else "filler", lots[batch.filler_lot_id]),
    ]
    found += [_component("shell", lots[each]) for each in shells]
    if triturate is not None:
        found.append(
            {
                "role": "triturate",
                "name": f"naltrexone hydrochloride {strength_text(triturate)}",
                "number": triturate.number,
                "manufacturer": "made here",
                "vendor": None,
                "last_on": triturate.beyond_use_on,
            }
        )
    return found


def _component(role: str, lot: books.ComponentLot) -> dict[str, Any]:
    return {
        "role": role,
        "name": lot.name,
        "number": lot.number,
        "manufacturer": getattr(lot, "manufacturer", None),
        "vendor": getattr(lot, "vendor", None),
        "last_on": lot.expires_on,
    }


def _weighings(batch: Batch, rows: BatchRows, names: Mapping[UUID, str]) -> list[dict[str, Any]]:
    """Every planned weighing, with what was read where it was done."""
    read = {each.step.value: each for each in rows.weighings}
    return [
        {**planned, **_reading(read.get(planned["step"]), names, rows.balances)}
        for planned in batch.worksheet.get("weighings", [])
    ]


def _reading(
    done: BatchWeighing | None, names: Mapping[UUID, str], balances: Mapping[UUID, str]
) -> dict[str, Any]:
    if done is None:
        return dict.fromkeys(
            ("read_mg", "off_pct", "balance", "weighed_by", "weighed_at", "checked_by", "checked_at")
        )
    return {
        "read_mg": shown(done.read_mg),
        "off_pct": shown(done.off_pct, 2),
        "balance": balances[done.balance_id],
        "weighed_by": names[done.weighed_by],
        "weighed_at": done.weighed_at,
        "checked_by": None if done.checked_by is None else names[done.checked_by],
        "checked_at": done.checked_at,
    }


def _check(check: BatchCheck, names: Mapping[UUID, str]) -> dict[str, Any]:
    found = check.found
    return {
        "kind": check.kind.value,
        "has_passed": check.has_passed,
        "faults": found["faults"],
        "figures": found["figures"],
        "readings": [*found.get("gross_mg", []), *found.get("contents_pct", [])],
        "remark": found.get("remark"),
        "checked_by": names[check.checked_by],
        "checked_at": check.checked_at,
    }


def _allocations(session: Session, promised: Sequence[Allocation]) -> list[dict[str, Any]]:
    lines = orders.order_of_lines(session, [each.order_line_id for each in promised])
    return [
        {
            "order_line_id": each.order_line_id,
            "order_number": lines[each.order_line_id][0],
            "unit_ml": lines[each.order_line_id][1],
            "capsules": each.capsules,
            "amount": amount_text(each.capsules, lines[each.order_line_id][1]),
            "order_status": lines[each.order_line_id][2],
            "is_destroyed": each.destroyed_at is not None,
        }
        for each in promised
    ]


def _signatures(
    batch: Batch, weighings: Sequence[BatchWeighing], checks: Sequence[BatchCheck], names: Mapping[UUID, str]
) -> Iterator[dict[str, Any]]:
    """Who signed for what, in the order in which it is done."""
    for each in weighings:
        yield _signature(f"weighed {each.step.replace('_', ' ')}", each.weighed_by, each.weighed_at, names)
        if each.checked_by is not None and each.checked_at is not None:
            meaning = f"saw the weighing of {each.step.replace('_', ' ')}"
            yield _signature(meaning, each.checked_by, each.checked_at, names)
    made = (
        ("compounded: mixed", batch.blended_by, batch.blended_at),
        ("compounded: filled", batch.filled_by, batch.filled_at),
        *((f"checked {each.kind}", each.checked_by, each.checked_at) for each in checks),
        ("reconciled", batch.reconciled_by, batch.reconciled_at),
        ("reviewed the record and released", batch.released_by, batch.released_at),
    )
    for meaning, by, at in made:
        if by is not None and at is not None:
            yield _signature(meaning, by, at, names)


def _signature(meaning: str, by: UUID, at: datetime, names: Mapping[UUID, str]) -> dict[str, Any]:
    return {"meaning": meaning, "name": names[by], "at": at}


def _people(
    batch: Batch, weighings: Sequence[BatchWeighing], checks: Sequence[BatchCheck], others: Sequence[UUID]
) -> list[UUID]:
    made = (batch.blended_by, batch.filled_by, batch.reconciled_by, batch.released_by)
    signed = [each.weighed_by for each in weighings] + [each.checked_by for each in weighings]
    everybody = [*made, *signed, *(each.checked_by for each in checks), *others]
    return [person for person in everybody if person is not None]
