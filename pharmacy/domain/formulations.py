"""Master formulation records: how a preparation is made, every time.

USP <795> names twelve contents; a record without one of them is not one. A record is written by one person and
approved by a pharmacist who is another, takes effect on a day, and is never changed afterwards: a change is the
next version. Capsules are dry and last up to 180 days; an oral liquid lasts by its water, and a preserved
category needs something that preserves it. What fills a capsule may neither gel nor hold calcium; the shell is
named apart from the components, so that a hypromellose shell is never taken for a hypromellose filler.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pharmacy.domain.beyond_use import CATEGORY_LIMIT_DAYS, Category
from pharmacy.domain.components import ComponentKind, ComponentTag, require_fit_as_filler
from pharmacy.domain.errors import Conflict, NotAllowed, Unfit, within
from pharmacy.domain.figures import shown
from pharmacy.domain.quantities import Micrograms


class DosageForm(StrEnum):
    """What leaves the bench."""

    CAPSULE = "capsule"
    ORAL_LIQUID = "oral_liquid"


# Which categories of USP <795> a form may be in.
CATEGORIES: Mapping[DosageForm, frozenset[Category]] = {
    DosageForm.CAPSULE: frozenset({Category.SOLID}),
    DosageForm.ORAL_LIQUID: frozenset(
        {Category.AQUEOUS, Category.AQUEOUS_PRESERVED, Category.ORAL_NON_AQUEOUS}
    ),
}

# What the strength of each form counts for.
PER: Mapping[DosageForm, str] = {DosageForm.CAPSULE: "capsule", DosageForm.ORAL_LIQUID: "mL"}
# How a record is called for short: "LDN-CAPS".
CODE_SHAPE = r"^[A-Z0-9][A-Z0-9-]*$"


@dataclass(eq=False)
class FormulationUnfit(Unfit):
    """The record contradicts itself or the chapter."""

    because: str

    def __str__(self) -> str:
        return self.because


@dataclass(eq=False)
class SamePersonTwice(NotAllowed):
    def __str__(self) -> str:
        return "Whoever wrote a formulation may not approve it."


@dataclass(eq=False)
class AlreadyApproved(Conflict):
    """The version is approved and so never changes; what is to differ is the next version."""

    name: str
    version: int

    def __str__(self) -> str:
        return f"Version {self.version} of {self.name} is approved already; a change is the next version."


@dataclass(eq=False)
class NewerVersion(Conflict):
    """Somebody has written a version since this one was begun."""

    name: str
    version: int

    def __str__(self) -> str:
        return (
            f"There is version {self.version} of {self.name} already, which was not there when this was begun: read it,"
            " then write the next one from it."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StrengthRange:
    """From which to which strength the record serves, both included, for one capsule or one millilitre."""

    least: Micrograms
    most: Micrograms
    per: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient:
    """A component of the record, as the catalogue knows it, and its part in the preparation."""

    name: str
    kind: ComponentKind
    tags: Collection[ComponentTag]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What the rules look at; a liquid has no shell. The beyond-use period is in days, day one counted."""

    form: DosageForm
    strength: StrengthRange
    category: Category
    beyond_use_days: int
    ingredients: tuple[Ingredient, ...]
    has_shell: bool


def require_sound(recipe: Recipe) -> None:
    """Raises FormulationUnfit or FillerRefused, with the place, for the first thing that may not be."""
    if recipe.category not in CATEGORIES[recipe.form]:
        raise FormulationUnfit(
            f"{_words(recipe.form)} is not made in the category {_words(recipe.category)}.",
            where=("beyond_use", "category"),
        )
    _require_strength(recipe)
    limit = CATEGORY_LIMIT_DAYS[recipe.category]
    if recipe.beyond_use_days < 1:
        raise FormulationUnfit("It may be used for a day at least.", where=("beyond_use", "days"))
    if recipe.beyond_use_days > limit:
        raise FormulationUnfit(
            f"USP <795> allows the category {_words(recipe.category)} {limit} days at most.",
            where=("beyond_use", "days"),
        )
    if recipe.has_shell != (recipe.form is DosageForm.CAPSULE):
        raise FormulationUnfit("A capsule, and only a capsule, has a shell.", where=("shell",))
    _require_components(recipe)


def _require_strength(recipe: Recipe) -> None:
    strength = recipe.strength
    if strength.per != PER[recipe.form]:
        raise FormulationUnfit(
            f"The strength of {_words(recipe.form)} counts for one {PER[recipe.form]}.",
            where=("strength", "per"),
        )
    if not strength.least.value:
        raise FormulationUnfit("A strength is more than nothing.", where=("strength", "least_mg"))
    if strength.least > strength.most:
        raise FormulationUnfit("The highest strength is below the lowest.", where=("strength", "most_mg"))


def require_serves(mg_per_ml: Decimal, least: Decimal, most: Decimal, code: str) -> None:
    """Raises FormulationUnfit for a liquid of a strength beyond those of its record, both ends included."""
    if not least <= mg_per_ml <= most:
        span = f"{shown(least)} mg/mL" if least == most else f"{shown(least)} to {shown(most)} mg/mL"
        because = f"{code} is for {span}, not for {shown(mg_per_ml)} mg/mL."
        raise FormulationUnfit(because, where=("formulation",))


def _require_components(recipe: Recipe) -> None:
    kinds = [each.kind for each in recipe.ingredients]
    if not {ComponentKind.API, ComponentKind.TABLET}.intersection(kinds):
        raise FormulationUnfit("No component is the active ingredient.", where=("components",))
    if recipe.form is DosageForm.ORAL_LIQUID and ComponentKind.VEHICLE not in kinds:
        raise FormulationUnfit("A liquid needs a vehicle.", where=("components",))
    for at, each in enumerate(recipe.ingredients):
        with within("components", at):
            if each.kind is ComponentKind.FILLER:
                require_fit_as_filler(each.name, each.tags)
            _require_water_fits(each, recipe.category)
    if recipe.category is Category.AQUEOUS_PRESERVED and not any(map(_preserves, recipe.ingredients)):
        raise FormulationUnfit(
            "A preserved preparation needs a preservative, or a vehicle that holds one.",
            where=("components",),
        )


def _require_water_fits(ingredient: Ingredient, category: Category) -> None:
    is_dry = category in {Category.SOLID, Category.ORAL_NON_AQUEOUS}
    if is_dry and ComponentTag.AQUEOUS in ingredient.tags:
        raise FormulationUnfit(f"{ingredient.name} holds water; the category {_words(category)} does not.")


def _preserves(ingredient: Ingredient) -> bool:
    return ingredient.kind is ComponentKind.PRESERVATIVE or ComponentTag.PRESERVED in ingredient.tags


def require_takes_effect(effective_on: date, today: date) -> None:
    """Raises FormulationUnfit for a day that is over: what was made then was made by another version."""
    if effective_on < today:
        raise FormulationUnfit("A formulation takes effect today or later.", where=("effective_on",))


def _words(member: StrEnum) -> str:
    return member.replace("_", " ")
