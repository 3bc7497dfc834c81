"""The price book: every number a price is made of, as one versioned value.

An order is charged by the version it was quoted with, so the numbers travel together and never come from a
constant in a rule. Amounts are dollars as Decimal, since a rate may be finer than a cent; what is charged is
rounded to cents line by line in `pricing`.
"""

from dataclasses import dataclass, fields
from decimal import Decimal

from pharmacy.domain.figures import require_decimal, require_whole
from pharmacy.domain.money import Money
from pharmacy.domain.overage import HOUSE_OVERAGE, OverageTier


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRules:
    """One version of the price book.

    Ingredient and vial prices, fees and marks are US dollars. A vial of up to `small_vial_capsules` is small,
    up to `large_vial_capsules` large. The discount is a share of the subtotal from `discount_from_days` of
    supply, that day included; `monthly_mark` is what 30 days should not exceed. Potency is a fraction; packing
    statistics are milligrams that fill one shell.
    """

    version: str
    api_per_gram: Decimal
    filler_per_gram: Decimal
    shell: Decimal
    ingredient_multiplier: Decimal
    labour_per_minute: Decimal
    setup_minutes: Decimal
    minutes_per_strength: Decimal
    minutes_per_capsule: Decimal
    script_fee: Decimal
    extra_vial_fee: Decimal
    small_vial: Decimal
    large_vial: Decimal
    small_vial_capsules: int
    large_vial_capsules: int
    round_up_to: Decimal
    minimum_charge: Decimal
    shipping: Decimal
    discount_from_days: int
    discount_share: Decimal
    monthly_mark: Decimal
    potency_fraction: Decimal
    filler_packing_mg: Decimal
    api_packing_mg: Decimal
    overage_tiers: tuple[OverageTier, ...]

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if each.type is Decimal and require_decimal(value, each.name) < 0:
                raise ValueError(f"{each.name} is zero or more.")
            if each.type is int and require_whole(value, each.name) < 1:
                raise ValueError(f"{each.name} is one or more.")
        if not 0 < self.potency_fraction <= 1 or self.discount_share > 1:
            raise ValueError("Potency is a fraction above 0, and a discount at most the whole.")
        if 0 in (Money.from_dollars(self.round_up_to).cents, self.filler_packing_mg, self.api_packing_mg):
            raise ValueError("The price step and the packing statistics are above zero.")
        if self.small_vial_capsules > self.large_vial_capsules:
            raise ValueError("A large vial holds no less than a small one.")


# House policy, illustrative: what a compounding pharmacy charges cash for capsules.
HOUSE_PRICES = PriceRules(
    version="house-1",
    api_per_gram=Decimal("18.00"),
    filler_per_gram=Decimal("0.08"),
    shell=Decimal("0.05"),
    ingredient_multiplier=Decimal("2.0"),
    labour_per_minute=Decimal("0.90"),
    setup_minutes=Decimal(10),
    minutes_per_strength=Decimal(8),
    minutes_per_capsule=Decimal("0.03"),
    script_fee=Decimal("12.00"),
    extra_vial_fee=Decimal("2.00"),
    small_vial=Decimal("0.85"),
    large_vial=Decimal("1.10"),
    small_vial_capsules=75,
    large_vial_capsules=200,
    round_up_to=Decimal("0.50"),
    minimum_charge=Decimal("35.00"),
    shipping=Decimal("6.95"),
    discount_from_days=84,
    discount_share=Decimal("0.10"),
    monthly_mark=Decimal("100.00"),
    potency_fraction=Decimal("0.961248"),
    filler_packing_mg=Decimal("138.0"),
    api_packing_mg=Decimal("150.0"),
    overage_tiers=HOUSE_OVERAGE,
)
