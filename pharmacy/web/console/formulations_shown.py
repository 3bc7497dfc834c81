"""Formulations in words: which version is in force, what waits for whom, and the twelve contents of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pharmacy.domain.beyond_use import Category
from pharmacy.domain.formulations import DosageForm
from pharmacy.domain.orders import Role
from pharmacy.store.components import Component
from pharmacy.store.formulations import Formulation
from pharmacy.store.staff import StaffMember
from pharmacy.web.console.language import gettext, lazy_gettext
from pharmacy.web.console.words import Chip, Moment, Tone, day_moment, instant_moment

PHARMACISTS = frozenset({Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE})
FORM_WORDS: Mapping[DosageForm, Any] = {
    DosageForm.CAPSULE: lazy_gettext("Capsules"),
    DosageForm.ORAL_LIQUID: lazy_gettext("Oral liquid"),
}
CATEGORY_WORDS: Mapping[Category, Any] = {
    Category.AQUEOUS: lazy_gettext("Aqueous"),
    Category.AQUEOUS_PRESERVED: lazy_gettext("Aqueous, preserved"),
    Category.ORAL_NON_AQUEOUS: lazy_gettext("Oral liquid without water"),
    Category.SOLID: lazy_gettext("Solid"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulationRow:
    """One version in a list."""

    id: UUID
    code: str
    version: int
    name: str
    form: str
    state: Chip
    effective: Moment | None
    used: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One of the twelve: its number, its name, and what stands there, in lines or in rows of two."""

    number: int
    name: str
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulationShown:
    """One version, whole."""

    row: FormulationRow
    contents: tuple[Content, ...]
    written: str
    written_at: Moment
    approved: str
    approved_at: Moment | None
    is_draft: bool
    frozen: str


def state_of(row: Formulation, newest_in_force: int, today: date) -> Chip:
    """Where a version stands; `newest_in_force` is the version by which that code is compounded today, 0 for none."""
    if row.effective_on is None:
        return Chip(gettext("Waits for approval"), Tone.MINE)
    if row.effective_on > today:
        return Chip(gettext("Approved, to come"), Tone.WAITING)
    if row.version == newest_in_force:
        return Chip(gettext("In force"), Tone.DONE)
    return Chip(gettext("Replaced"), Tone.ENDED)


def formulation_row(
    row: Formulation, in_force: Mapping[str, int], today: date, zone: ZoneInfo
) -> FormulationRow:
    return FormulationRow(
        id=row.id,
        code=row.code,
        version=row.version,
        name=row.name,
        form=str(FORM_WORDS[row.form]),
        state=state_of(row, in_force.get(row.code, 0), today),
        effective=None if row.effective_on is None else day_moment(row.effective_on, today),
        used=None if row.first_used_at is None else instant_moment(row.first_used_at, zone),
    )


def formulation_shown(
    row: Formulation,
    shown: FormulationRow,
    catalogue: Mapping[UUID, Component],
    names: Mapping[UUID, str],
    zone: ZoneInfo,
) -> FormulationShown:
    """The page of that version, but for what the person who looks may do."""
    return FormulationShown(
        row=shown,
        contents=tuple(_contents(row, catalogue)),
        written=names[row.written_by],
        written_at=instant_moment(row.written_at, zone),
        approved="" if row.approved_by is None else names[row.approved_by],
        approved_at=None if row.approved_at is None else instant_moment(row.approved_at, zone),
        is_draft=row.approved_at is None,
        frozen=_frozen(row),
    )


def why_not_approve(row: Formulation, by: StaffMember) -> str:
    """Why that person does not approve that version; "" when they may."""
    if by.role not in PHARMACISTS:
        return str(gettext("A pharmacist approves a formulation."))
    if row.written_by == by.id:
        return str(gettext("Whoever wrote a formulation may not approve it: another pharmacist does."))
    return ""


def _frozen(row: Formulation) -> str:
    if row.approved_at is None:
        return str(gettext("A draft serves nobody, and is changed by writing the next version."))
    if row.first_used_at is None:
        return str(gettext("It never changes. Nothing has been compounded by it yet."))
    return str(gettext("It never changes: batches were compounded by it."))


def _contents(row: Formulation, catalogue: Mapping[UUID, Component]) -> Iterable[Content]:
    """The twelve contents of USP <795>, in their order."""
    kept = row.contents
    told = (
        (gettext("Name, strength and dosage form"), _strength(row)),
        (gettext("Components and amounts"), ()),
        (gettext("What matters of the components"), (kept["characteristics"],)),
        (gettext("Container and closure"), (kept["container_closure"],)),
        (gettext("Equipment, supplies and steps"), tuple(kept["instructions"]["steps"])),
        (gettext("How it looks"), (kept["description"],)),
        (gettext("Beyond-use date and storage"), _beyond_use(row)),
        (gettext("What the beyond-use date stands on"), (kept["beyond_use_reference"],)),
        (gettext("Calculations"), tuple(kept["calculations"])),
        (gettext("Labelling"), tuple(kept["labelling"])),
        (gettext("Quality checks and what is expected"), ()),
        (gettext("What else makes it come out the same"), (kept["repeatability"],)),
    )
    rows = {2: _components(row, catalogue), 5: _things(row), 11: _checks(row)}
    for number, (name, lines) in enumerate(told, start=1):
        yield Content(number=number, name=name, lines=lines, rows=tuple(rows.get(number, ())))


def _strength(row: Formulation) -> tuple[str, ...]:
    kept = row.contents["strength"]
    least, most = kept["least_mg"], kept["most_mg"]
    unit = "mg" if kept["per"] == "capsule" else f"mg/{kept['per']}"
    span = f"{least} {unit}"
    if least != most:
        span = gettext("%(least)s to %(most)s", least=span, most=f"{most} {unit}")
    return (row.name, span, str(FORM_WORDS[row.form]))


def _components(row: Formulation, catalogue: Mapping[UUID, Component]) -> Iterable[tuple[str, str]]:
    for each in row.contents["components"]:
        component = catalogue.get(UUID(each["component_id"]))
        yield (each["component_id"] if component is None else component.name), each["amount"]
    shell = row.contents.get("shell")
    if shell:
        yield (
            gettext("Shell"),
            gettext("size %(size)s, %(material)s", size=shell["size"], material=shell["material"]),
        )


def _things(row: Formulation) -> Iterable[tuple[str, str]]:
    kept = row.contents["instructions"]
    yield gettext("Equipment"), ", ".join(kept["equipment"])
    yield gettext("Supplies"), ", ".join(kept["supplies"])


def _checks(row: Formulation) -> Iterable[tuple[str, str]]:
    return ((each["check"], each["expected"]) for each in row.contents["quality_checks"])


def _beyond_use(row: Formulation) -> tuple[str, ...]:
    days = gettext("%(days)s days, the day of compounding counted as the first", days=row.beyond_use_days)
    return (f"{CATEGORY_WORDS[row.category]}: {days}", row.contents["beyond_use"]["storage"])
