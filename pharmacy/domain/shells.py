"""Which capsule shell a fill goes into: the smallest that holds it.

The volume of a size is the vendor's figure and no constant: published tables differ by up to 10 % (size 3: 0.30
or 0.27 mL), so the shells come in with their volumes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import Figure, Input, require_decimal, shown
from pharmacy.domain.quantities import Milligrams

MILLIGRAMS_PER_GRAM = Decimal(1000)
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """A shell size of one vendor, with the volume of its body in millilitres."""

    size: str
    volume_ml: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellChoice:
    """The chosen shell; `figures` are the volume of the blend and how full it makes the shell."""

    shell: Shell
    figures: tuple[Figure, ...]


@dataclass(eq=False)
class NoShellHolds(Unfit):
    """The fill is larger than the largest shell there is."""

    volume_ml: Decimal

    def __str__(self) -> str:
        return f"No shell holds {shown(self.volume_ml, 3)} mL: use a denser filler or two capsules a dose."


def choose_shell(fill: Milligrams, tapped_density: Decimal, shells: Sequence[Shell]) -> ShellChoice:
    """The smallest of the shells that holds `fill` at that tapped density (g/mL); NoShellHolds otherwise."""
    if require_decimal(tapped_density, "A density") <= 0:
        raise ValueError("A density is above zero.")
    volume = Figure(
        key="fill_volume",
        name="Volume of the fill",
        value=fill.value / MILLIGRAMS_PER_GRAM / tapped_density,
        unit="mL",
        formula="fill / 1000 / tapped density",
        inputs=(
            Input("fill", f"{shown(fill.value)} mg"),
            Input("tapped density", f"{shown(tapped_density)} g/mL"),
        ),
        places=4,
    )
    holding = [shell for shell in shells if shell.volume_ml >= volume.number]
    if not holding:
        raise NoShellHolds(volume.number)
    shell = min(holding, key=lambda each: each.volume_ml)
    fullness = Figure(
        key="shell_fullness",
        name="Fullness of the shell",
        value=volume.number * HUNDRED / shell.volume_ml,
        unit="%",
        formula="volume of the fill x 100 / volume of the shell",
        inputs=(
            volume.as_input(),
            Input("volume of the shell", f"{shown(shell.volume_ml)} mL", f"size {shell.size}"),
        ),
        places=1,
    )
    return ShellChoice(shell=shell, figures=(volume, fullness))
