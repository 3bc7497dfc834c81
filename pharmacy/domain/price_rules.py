"""The price book: every number a price is made of, as one versioned value.

An order is charged by the version it was quoted with, so the numbers travel together and never come from a
constant in a rule. Amounts are dollars as Decimal, since a rate may be finer than a cent; what is charged is
rounded to cents line by line in `pricing`.
"""

from dataclasses import dataclass, fields
from decimal import Decimal

from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import require_decimal, require_whole
from pharmacy.domain.money import Money
from pharmacy.domain.overage import HOUSE_OVERAGE, OverageTier
from pharmacy.domain.quantities import Micrograms


@dataclass(eq=False)
class SurchargeUnknown(Unfit):
    """The price book has no surcharge of that code."""

    code: str

    def __str__(self) -> str:
        return f"The price book has no surcharge {self.code}."


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityTier:
    """From so many capsules in one order, that one included, this share of the subtotal is taken off."""

    from_capsules: int
    share: Decimal

    def __post_init__(self) -> None:
        require_decimal(self.share, "A tier's share")
        if require_whole(self.from_capsules, "A tier") < 1 or not 0 < self.share <= 1:
            raise ValueError(
                "A tier begins at one capsule or more and takes off a share of at most the whole."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class StockPrice:
    """Orders of exactly so many capsules of that strength are priced as a share of a stock batch.

    `batch_capsules` is the batch's nominal size; how an order is really made does not move its price.
    """

    strength: Micrograms
    capsules: int
    batch_capsules: int

    def __post_init__(self) -> None:
        if not 1 <= require_whole(self.capsules, "Capsules") <= require_whole(self.batch_capsules, "A batch"):
            raise ValueError("A stock batch holds the capsules that are priced from it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surcharge:
    """What an order may be charged besides, asked for by its code: a rush, another filler. Never by diagnosis."""

    code: str
    wording: str
    amount: Decimal

    def __post_init__(self) -> None:
        if require_decimal(self.amount, "A surcharge") <= 0 or not self.code.isidentifier():
            raise ValueError("A surcharge has a code of letters and is above zero.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTax:
    """The sales tax on prescriptions in one state; a state that is not named has none."""

    state: str
    share: Decimal

    def __post_init__(self) -> None:
        if not 0 < require_decimal(self.share, "A tax") < 1:
            raise ValueError("A tax is a share between nothing and the whole.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRules:
    """One version of the price book.

    Ingredient and vial prices, fees and marks are US dollars. A vial of up to `small_vial_capsules` is small,
    up to `large_vial_capsules` large. The discount is a share of the subtotal from `discount_from_days` of
    supply, that day included, or that of the quantity tier reached, whichever is larger, never both. Shipping is
    nothing once the price before it reaches `free_shipping_from`. Tax is that of the ship-to state, at the
    counter that of `home_state`, and on shipping only where `shipping_is_taxable`. Potency is a
    fraction; packing statistics are milligrams that fill one shell.
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
    potency_fraction: Decimal
    filler_packing_mg: Decimal
    api_packing_mg: Decimal
    overage_tiers: tuple[OverageTier, ...]
    quantity_tiers: tuple[QuantityTier, ...] = ()
    stock_prices: tuple[StockPrice, ...] = ()
    surcharges: tuple[Surcharge, ...] = ()
    taxes: tuple[StateTax, ...] = ()
    shipping_is_taxable: bool = False
    free_shipping_from: Decimal | None = None
    home_state: str = ""
    # Of an oral liquid; a book that does not say has no price for one.
    vehicle_per_ml: Decimal | None = None
    bottle: Decimal | None = None

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
        self._check_tables()

    def _check_tables(self) -> None:
        keys = (
            [tier.from_capsules for tier in self.quantity_tiers],
            [(stock.strength, stock.capsules) for stock in self.stock_prices],
            [surcharge.code for surcharge in self.surcharges],
            [tax.state for tax in self.taxes],
        )
        if any(len(set(each)) != len(each) for each in keys):
            raise ValueError("Each tier, stock price, surcharge and state is named once.")
        for name in ("free_shipping_from", "vehicle_per_ml", "bottle"):
            amount = getattr(self, name)
            if amount is not None and require_decimal(amount, name) < 0:
                raise ValueError(f"{name} is zero or more.")

    def stock_batch(self, strength: Micrograms, capsules: int) -> int | None:
        """The nominal size of the stock batch that so many capsules are priced from; None: made to order."""
        return next(
            (
                stock.batch_capsules
                for stock in self.stock_prices
                if (stock.strength, stock.capsules) == (strength, capsules)
            ),
            None,
        )

    def tax_in(self, state: str | None) -> Decimal:
        """The share that is added in that state; nothing where it is not named."""
        return next((tax.share for tax in self.taxes if tax.state == state), Decimal(0))

    def surcharge(self, code: str) -> Surcharge:
        """The surcharge of that code. Raises SurchargeUnknown."""
        for surcharge in self.surcharges:
            if surcharge.code == code:
                return surcharge
        raise SurchargeUnknown(code)


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
    potency_fraction=Decimal("0.961248"),
    filler_packing_mg=Decimal("138.0"),
    api_packing_mg=Decimal("150.0"),
    overage_tiers=HOUSE_OVERAGE,
    # Ninety capsules of the commonest strength are a tenth of a stock batch.
    stock_prices=(StockPrice(strength=Micrograms(4500), capsules=90, batch_capsules=900),),
    vehicle_per_ml=Decimal("0.05"),
    bottle=Decimal("1.50"),
)
