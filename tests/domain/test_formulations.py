"""Master formulation records: what one may say, and what it may not."""

from datetime import date, timedelta
from typing import Any

import pytest

from pharmacy.domain.beyond_use import CATEGORY_LIMIT_DAYS, Category
from pharmacy.domain.components import ComponentKind, ComponentTag, FillerRefused, require_fit_as_filler
from pharmacy.domain.errors import PharmacyError
from pharmacy.domain.formulations import (
    AlreadyApproved,
    DosageForm,
    FormulationUnfit,
    Ingredient,
    Recipe,
    SamePersonTwice,
    StrengthRange,
    require_sound,
    require_takes_effect,
)
from pharmacy.domain.quantities import Micrograms

K, T = ComponentKind, ComponentTag


def made_of(name: str, kind: ComponentKind, *tags: ComponentTag) -> Ingredient:
    return Ingredient(name=name, kind=kind, tags=tags)


API = made_of("naltrexone hydrochloride", K.API)
CELLULOSE = made_of("microcrystalline cellulose", K.FILLER)
WATER = made_of("purified water", K.VEHICLE, T.AQUEOUS)
OIL = made_of("medium-chain triglycerides", K.VEHICLE)
PRESERVED = made_of("preserved vehicle", K.VEHICLE, T.AQUEOUS, T.PRESERVED)
BENZOATE = made_of("sodium benzoate", K.PRESERVATIVE)


def strengths(least: int, most: int, per: str = "capsule") -> StrengthRange:
    return StrengthRange(least=Micrograms(least), most=Micrograms(most), per=per)


def capsules(*ingredients: Ingredient, **changes: Any) -> Recipe:
    usual: dict[str, Any] = {
        "form": DosageForm.CAPSULE, "category": Category.SOLID, "beyond_use_days": 180, "has_shell": True,
        "strength": strengths(100, 10_000),
    }  # fmt: skip
    return Recipe(ingredients=ingredients or (API, CELLULOSE), **{**usual, **changes})


def liquid(category: Category, *ingredients: Ingredient, days: int | None = None) -> Recipe:
    return capsules(
        *ingredients,
        form=DosageForm.ORAL_LIQUID,
        category=category,
        beyond_use_days=days or CATEGORY_LIMIT_DAYS[category],
        has_shell=False,
        strength=strengths(1000, 1000, "mL"),
    )


@pytest.mark.parametrize(
    "recipe",
    [
        capsules(),
        liquid(Category.AQUEOUS, API, WATER),
        liquid(Category.AQUEOUS_PRESERVED, API, PRESERVED),
        liquid(Category.AQUEOUS_PRESERVED, API, WATER, BENZOATE),
        liquid(Category.ORAL_NON_AQUEOUS, API, OIL),
        capsules(made_of("naltrexone tablets 50 mg", K.TABLET), CELLULOSE),
    ],
)
def test_capsules_and_the_three_liquids_are_sound(recipe: Recipe) -> None:
    require_sound(recipe)


@pytest.mark.parametrize(
    ("recipe", "where", "because"),
    [
        (capsules(category=Category.AQUEOUS), ("beyond_use", "category"), "not made in the category"),
        (liquid(Category.SOLID, API, OIL), ("beyond_use", "category"), "not made in the category"),
        (capsules(beyond_use_days=181), ("beyond_use", "days"), "180 days at most"),
        (liquid(Category.AQUEOUS, API, WATER, days=15), ("beyond_use", "days"), "14 days at most"),
        (liquid(Category.ORAL_NON_AQUEOUS, API, OIL, days=91), ("beyond_use", "days"), "90 days at most"),
        (capsules(has_shell=False), ("shell",), "has a shell"),
        (capsules(beyond_use_days=0), ("beyond_use", "days"), "a day at least"),
        (capsules(strength=strengths(0, 10)), ("strength", "least_mg"), "more than nothing"),
        (capsules(strength=strengths(11, 10)), ("strength", "most_mg"), "below the lowest"),
        (capsules(strength=strengths(1, 10, "mL")), ("strength", "per"), "for one capsule"),
        (capsules(CELLULOSE), ("components",), "No component is the active"),
        (liquid(Category.AQUEOUS, API), ("components",), "needs a vehicle"),
        (liquid(Category.AQUEOUS_PRESERVED, API, WATER), ("components",), "needs a preservative"),
        (liquid(Category.ORAL_NON_AQUEOUS, API, WATER), ("components", 1), "holds water"),
        (capsules(API, made_of("paste", K.FILLER, T.AQUEOUS)), ("components", 1), "holds water"),
        (capsules(API, made_of("calcium carbonate", K.FILLER, T.CALCIUM)), ("components", 1), "absorbed"),
        (capsules(API, made_of("hypromellose K100M", K.FILLER, T.GELLING)), ("components", 1), "slowly"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_or_the_chapter_is_refused_at_its_place(
    recipe: Recipe, where: tuple[str | int, ...], because: str
) -> None:
    with pytest.raises(PharmacyError, match=because) as refusal:
        require_sound(recipe)

    assert refusal.value.where == where


def test_a_filler_is_refused_by_its_tags_and_never_by_its_name() -> None:
    # Hypromellose that does not gel, and a shell of it, are no fillers that gel.
    require_fit_as_filler("hypromellose, low viscosity", ())
    require_sound(capsules(API, CELLULOSE, made_of("hypromellose K100M", K.VEHICLE, T.GELLING)))

    with pytest.raises(FillerRefused):
        require_fit_as_filler("anything", (T.GELLING,))


def test_a_formulation_takes_effect_today_or_later() -> None:
    day = date(2026, 11, 23)
    require_takes_effect(day, day)

    with pytest.raises(FormulationUnfit) as refusal:
        require_takes_effect(day - timedelta(days=1), day)

    assert refusal.value.where == ("effective_on",)
    assert "may not approve" in str(SamePersonTwice())
    assert "the next version" in str(AlreadyApproved("LDN-CAPS", 1))
