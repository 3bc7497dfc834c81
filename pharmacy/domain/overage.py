"""How many capsules' worth of powder is made.

Some powder stays on the plate, so it is made for a few capsules more than are needed: a share by batch size, and
always one capsule at least (house policy). The overage is more powder, never a stronger capsule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from pharmacy.domain.figures import Figure, Input, require_decimal, require_whole, shown

LEAST_EXTRA_CAPSULES = 1  # House policy: there is always powder for one capsule more.


@dataclass(frozen=True, slots=True, kw_only=True)
class OverageTier:
    """The share of extra powder for batches of up to `up_to` capsules, itself included; None has no end."""

    up_to: int | None
    share: Decimal

    def __post_init__(self) -> None:
        if self.up_to is not None:
            require_whole(self.up_to, "The end of an overage tier")
        if require_decimal(self.share, "An overage") < 0:
            raise ValueError("An overage is zero or more.")


# House policy (3 to 5 % is common practice): loss of powder weighs more in a small batch.
HOUSE_OVERAGE = (
    OverageTier(up_to=100, share=Decimal("0.05")),
    OverageTier(up_to=300, share=Decimal("0.03")),
    OverageTier(up_to=None, share=Decimal("0.02")),
)


def prepared_capsules(required: int, tiers: Sequence[OverageTier]) -> Figure:
    """How many capsules powder is made for: the tier's share more, rounded up, and always one more at least.

    More powder, not more strength. No capsules, or a count beyond the last tier, is a ValueError.
    """
    if require_whole(required, "Capsules required") < 1:
        raise ValueError("A batch is of one capsule or more.")
    tier = next((tier for tier in tiers if tier.up_to is None or required <= tier.up_to), None)
    if tier is None:
        raise ValueError(f"No overage is set for {required} capsules.")
    with_share = int((required * (1 + tier.share)).to_integral_value(ROUND_CEILING))
    return Figure(
        key="prepared",
        name="Capsules prepared",
        value=max(required + LEAST_EXTRA_CAPSULES, with_share),
        unit="capsules",
        formula="the larger of required + 1 and required x (1 + overage)",
        inputs=(
            Input("capsules required", str(required), "order"),
            Input("overage", f"{shown(tier.share * 100)} %", "house policy"),
        ),
        rounding="up to a whole capsule",
    )
