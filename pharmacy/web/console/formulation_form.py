"""What somebody types who writes a formulation: the twelve contents, read field by field, each fault at its field.

Lists are typed a line each; components and checks stand in rows, of which empty ones are passed over. The fields are
named as the rules point at them, so that a refusal finds its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from pharmacy.domain.beyond_use import Category
from pharmacy.domain.errors import PharmacyError, Unfit
from pharmacy.domain.formulations import CODE_SHAPE, PER, DosageForm, StrengthRange
from pharmacy.domain.quantities import Micrograms
from pharmacy.store.equipment import ShellMaterial
from pharmacy.store.formulations import Formulation
from pharmacy.usecases.write_formulation import (
    BeyondUsePeriod,
    ExpectedCheck,
    Instructions,
    NewFormulation,
    Part,
    ShellNamed,
)
from pharmacy.web.console.forms import Form, seen_version
from pharmacy.web.console.language import gettext
from pharmacy.web.console.typed import a_count, a_stock_mass, a_text

SIZES = ("000", "00", "0", "1", "2", "3", "4", "5")
# As many as the books take; a page shows those that are filled, and a few more.
MOST_ROWS = 100
LONGEST = 20_000
_LONGEST_TEXT, _LONGEST_LINE, _LONGEST_NAME, _LONGEST_CODE = 2000, 500, 200, 40
_LINES = ("equipment", "supplies", "steps", "calculations", "labelling")
_TEXTS = (
    "characteristics", "container_closure", "description", "beyond_use_storage", "beyond_use_reference",
    "repeatability",
)  # fmt: skip
FIELDS = (
    "code", "name", "form", "strength_least_mg", "strength_most_mg", "shell", "shell_material",
    "beyond_use_category", "beyond_use_days", *_LINES, *_TEXTS,
    *(f"{name}_{at}" for at in range(MOST_ROWS) for name in ("components", "amounts", "checks", "expected")),
)  # fmt: skip
_Value = TypeVar("_Value")
_Enum = TypeVar("_Enum", bound=StrEnum)


class NotOfTheList(Unfit):
    def __str__(self) -> str:
        return str(gettext("One of the list is due here."))


class TooLong(Unfit):
    def __str__(self) -> str:
        return str(gettext("This is longer than the record takes."))


class NoCode(Unfit):
    def __str__(self) -> str:
        return str(gettext("A code has capital letters, digits and hyphens, such as LDN-CAPS."))


class _Reading:
    """The form as it is read. What is wrong stands at its field, and something harmless is read in its place, so that
    everything is said at once; whoever reads looks at the faults before they use it."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def text(self, name: str, what: str, longest: int = _LONGEST_TEXT) -> str:
        return self._read(lambda: _short(a_text(self.form, name, what), name, longest), "")

    def lines(self, name: str, what: str, longest: int = _LONGEST_TEXT) -> list[str]:
        """A line each, empty ones passed over."""
        return self._read(lambda: self._lines(name, what, longest), [])

    def one_of(self, name: str, choices: type[_Enum]) -> _Enum:
        return self._read(lambda: _chosen(self.form[name], name, choices), next(iter(choices)))

    def strength(self, name: str, what: str) -> Micrograms:
        return self._read(lambda: a_stock_mass(self.form, name, what), Micrograms(0))

    def count(self, name: str, what: str) -> int:
        return self._read(lambda: a_count(self.form, name, what), 0)

    def component(self, name: str) -> UUID:
        return self._read(lambda: _id(self.form[name], name), UUID(int=0))

    def code(self) -> str:
        return self._read(lambda: _code(a_text(self.form, "code", gettext("The code"))), "")

    def size(self, name: str) -> str:
        return self._read(lambda: _size(self.form[name], name), "")

    def rows(self, *names: str) -> list[int]:
        """The rows in which something stands; the first when none does."""
        filled = [at for at in range(MOST_ROWS) if any(self.form[f"{name}_{at}"] for name in names)]
        return filled or [0]

    def _lines(self, name: str, what: str, longest: int) -> list[str]:
        lines = [line.strip() for line in a_text(self.form, name, what).splitlines()]
        found = [_short(line, name, longest) for line in lines if line]
        if len(found) > MOST_ROWS:
            raise TooLong(where=(name,))
        return found

    def _read(self, read: Callable[[], _Value], instead: _Value) -> _Value:
        try:
            return read()
        except Unfit as refusal:
            self.form = self.form.refused(refusal)
            return instead


def typed_formulation() -> Form:
    """What came."""
    return Form.typed(*FIELDS, longest=LONGEST)


def shown_formulation(row: Formulation) -> Form:
    """The form as that version was written, for the next one."""
    contents = row.contents
    shell, beyond_use = contents["shell"] or {}, contents["beyond_use"]
    lists = {**contents["instructions"], **{name: contents[name] for name in ("calculations", "labelling")}}
    values: dict[str, str | None] = {
        "code": row.code,
        "name": row.name,
        "form": row.form.value,
        "strength_least_mg": contents["strength"]["least_mg"],
        "strength_most_mg": contents["strength"]["most_mg"],
        "shell": shell.get("size"),
        "shell_material": shell.get("material"),
        "beyond_use_category": beyond_use["category"],
        "beyond_use_days": str(beyond_use["days"]),
        "beyond_use_storage": beyond_use["storage"],
        **{name: contents[name] for name in _TEXTS if name in contents},
        **{name: "\n".join(lists[name]) for name in _LINES},
    }
    for at, each in enumerate(contents["components"]):
        values |= {f"components_{at}": each["component_id"], f"amounts_{at}": each["amount"]}
    for at, each in enumerate(contents["quality_checks"]):
        values |= {f"checks_{at}": each["check"], f"expected_{at}": each["expected"]}
    return Form.showing(values)


def rows_filled(form: Form, *names: str) -> int:
    """How many rows it takes to show all that stands in them."""
    filled = (at for at in range(MOST_ROWS) if any(form[f"{name}_{at}"] for name in names))
    return max(filled, default=-1) + 1


def read_formulation(form: Form) -> tuple[Form, NewFormulation | None]:
    """The formulation that was typed; or None, and the form with every fault at its field."""
    reading = _Reading(form)
    kind = reading.one_of("form", DosageForm)
    new = NewFormulation(
        code=reading.code(),
        name=reading.text("name", gettext("The name"), _LONGEST_NAME),
        form=kind,
        strength=StrengthRange(
            least=reading.strength("strength_least_mg", gettext("The lowest strength")),
            most=reading.strength("strength_most_mg", gettext("The highest strength")),
            per=PER[kind],
        ),
        components=_components(reading),
        shell=_shell(reading) if kind is DosageForm.CAPSULE else None,
        characteristics=reading.text("characteristics", gettext("What matters of the components")),
        container_closure=reading.text("container_closure", gettext("The container")),
        instructions=Instructions(
            equipment=reading.lines("equipment", gettext("The equipment"), _LONGEST_NAME),
            supplies=reading.lines("supplies", gettext("What is used up"), _LONGEST_NAME),
            steps=reading.lines("steps", gettext("The steps")),
        ),
        description=reading.text("description", gettext("How it looks")),
        beyond_use=BeyondUsePeriod(
            category=reading.one_of("beyond_use_category", Category),
            days=reading.count("beyond_use_days", gettext("The number of days")),
            storage=reading.text("beyond_use_storage", gettext("The storage"), _LONGEST_NAME),
        ),
        beyond_use_reference=reading.text(
            "beyond_use_reference", gettext("What the beyond-use date stands on")
        ),
        calculations=reading.lines("calculations", gettext("A calculation")),
        labelling=reading.lines("labelling", gettext("What the label says"), _LONGEST_LINE),
        quality_checks=_checks(reading),
        repeatability=reading.text("repeatability", gettext("What else makes it come out the same")),
        seen_version=seen_version(),
    )
    return reading.form, None if reading.form.faults else new


def pointed(form: Form, refusal: PharmacyError) -> PharmacyError:
    """The refusal, pointing at a field of the form: the row of a component as it was typed, or the field of that name."""
    place = refusal.where
    if place[:1] == ("components",):
        rows = _Reading(form).rows("components", "amounts")
        at = place[1] if len(place) > 1 and isinstance(place[1], int) else 0
        refusal.where = (f"components_{rows[min(at, len(rows) - 1)]}",)
    return refusal


def _components(reading: _Reading) -> list[Part]:
    return [
        Part(
            component_id=reading.component(f"components_{at}"),
            amount=reading.text(f"amounts_{at}", gettext("The amount"), _LONGEST_LINE),
        )
        for at in reading.rows("components", "amounts")
    ]


def _checks(reading: _Reading) -> list[ExpectedCheck]:
    return [
        ExpectedCheck(
            check=reading.text(f"checks_{at}", gettext("A check"), _LONGEST_LINE),
            expected=reading.text(f"expected_{at}", gettext("What is expected"), _LONGEST_LINE),
        )
        for at in reading.rows("checks", "expected")
    ]


def _shell(reading: _Reading) -> ShellNamed:
    return ShellNamed(size=reading.size("shell"), material=reading.one_of("shell_material", ShellMaterial))


def _short(text: str, name: str, longest: int) -> str:
    if len(text) > longest:
        raise TooLong(where=(name,))
    return text


def _code(code: str) -> str:
    if not re.fullmatch(CODE_SHAPE, code) or not 1 < len(code) <= _LONGEST_CODE:
        raise NoCode(where=("code",))
    return code


def _size(text: str, name: str) -> str:
    if text not in SIZES:
        raise NotOfTheList(where=(name,))
    return text


def _chosen(text: str, name: str, choices: type[_Enum]) -> _Enum:
    try:
        return choices(text)
    except ValueError:
        raise NotOfTheList(where=(name,)) from None


def _id(text: str, name: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotOfTheList(where=(name,)) from None
