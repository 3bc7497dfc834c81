"""Whether everything that was made is accounted for.

Capsules balance exactly: filled = released + rejected + retained. From 100 capsules up the yield lies within 95
to 105 % of what was prepared; a small batch passes when it filled what was required, so 7 of 8 prepared is a
pass (house policy). Powder balances within the greater of 2 % of the blend and one fill.
"""

from dataclasses import dataclass
from decimal import Decimal

from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import Figure, Input, require_whole, shown
from pharmacy.domain.quality import Check
from pharmacy.domain.quantities import Milligrams

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class YieldPolicy:
    """From how many capsules the yield is judged in per cent, its bounds, and the powder that may be missing."""

    judged_from: int
    least_pct: Decimal
    most_pct: Decimal
    powder_pct: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CapsuleCount:
    """What became of the powder: capsules required, prepared for, filled, and where each filled one went."""

    required: int
    prepared: int
    filled: int
    released: int
    rejected: int
    retained: int

    def __post_init__(self) -> None:
        for name in ("required", "prepared", "filled", "released", "rejected", "retained"):
            if require_whole(getattr(self, name), name) < 0:
                raise ValueError("Counts are zero or more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PowderCount:
    """The blend as weighed, the mean net fill, and the powder that was thrown away on record."""

    blend: Milligrams
    mean_fill: Milligrams
    waste: Milligrams


@dataclass(eq=False)
class CountsDoNotBalance(Unfit):
    """Filled capsules are not all accounted for; nothing is reconciled on an unequal count."""

    filled: int
    accounted: int

    def __str__(self) -> str:
        return (
            f"{self.filled} capsules were filled and {self.accounted} are accounted for"
            " (released + rejected + retained): count again."
        )


def reconcile(count: CapsuleCount, powder: PowderCount, policy: YieldPolicy) -> Check:
    """Yield and powder balance, with faults where they lie outside the policy.

    Raises CountsDoNotBalance unless filled = released + rejected + retained, exactly.
    """
    accounted = count.released + count.rejected + count.retained
    if accounted != count.filled:
        raise CountsDoNotBalance(count.filled, accounted)
    yielded, missing = _yield(count), _unaccounted(count, powder)
    share = _unaccounted_pct(missing, powder)
    return Check(
        figures=(yielded, missing, share),
        faults=(*_yield_faults(count, yielded, policy), *_powder_faults(missing, powder, policy)),
    )


def _yield(count: CapsuleCount) -> Figure:
    return Figure(
        key="yield_pct",
        name="Yield",
        value=Decimal(count.filled) * HUNDRED / count.prepared,
        unit="%",
        formula="filled x 100 / prepared",
        inputs=(
            Input("filled", f"{count.filled} capsules"),
            Input("prepared", f"{count.prepared} capsules"),
            Input("released", f"{count.released} capsules"),
            Input("rejected", f"{count.rejected} capsules"),
            Input("retained", f"{count.retained} capsules"),
        ),
        places=2,
    )


def _unaccounted(count: CapsuleCount, powder: PowderCount) -> Figure:
    filled = powder.mean_fill.value * count.filled
    return Figure(
        key="powder_unaccounted",
        name="Powder unaccounted for",
        value=powder.blend.value - filled - powder.waste.value,
        unit="mg",
        formula="blend - filled x mean fill - waste",
        inputs=(
            Input("blend", f"{shown(powder.blend.value)} mg"),
            Input("filled", f"{count.filled} capsules"),
            Input("mean fill", f"{shown(powder.mean_fill.value, 2)} mg"),
            Input("waste", f"{shown(powder.waste.value)} mg"),
        ),
        places=1,
    )


def _unaccounted_pct(missing: Figure, powder: PowderCount) -> Figure:
    return Figure(
        key="powder_unaccounted_pct",
        name="Powder unaccounted for, of the blend",
        value=missing.number * HUNDRED / powder.blend.value,
        unit="%",
        formula="unaccounted x 100 / blend",
        inputs=(missing.as_input(), Input("blend", f"{shown(powder.blend.value)} mg")),
        places=2,
    )


def _yield_faults(count: CapsuleCount, yielded: Figure, policy: YieldPolicy) -> list[str]:
    if count.prepared < policy.judged_from:
        if count.filled >= count.required:
            return []
        return [f"{count.filled} capsules were filled and {count.required} are required."]
    if policy.least_pct <= yielded.number <= policy.most_pct:
        return []
    allowed = f"{shown(policy.least_pct)} to {shown(policy.most_pct)} %"
    return [f"The yield is {yielded.text} %; {allowed} are allowed."]


def _powder_faults(missing: Figure, powder: PowderCount, policy: YieldPolicy) -> list[str]:
    allowed = max(powder.blend.value * policy.powder_pct / HUNDRED, powder.mean_fill.value)
    if abs(missing.number) <= allowed:
        return []
    return [f"{missing.text} mg of powder are unaccounted for; {shown(allowed, 1)} mg are allowed."]
