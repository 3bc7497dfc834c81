"""What components are, and which of them may not fill a capsule.

A filler with calcium is said to keep naltrexone from being absorbed, and one that gels releases it slowly, so
both are refused (house policy, after the practice of compounders of low-dose naltrexone). The rule goes by the
tags of the catalogue, never by a name: hypromellose refused as a filler makes perfectly good capsule shells.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pharmacy.domain.errors import Unfit


class ComponentKind(StrEnum):
    """What a component is bought as."""

    API = "api"
    FILLER = "filler"
    VEHICLE = "vehicle"
    PRESERVATIVE = "preservative"
    TABLET = "tablet"
    SHELL = "shell"


class ComponentTag(StrEnum):
    """What matters about a component to absorption, allergies and beyond-use dates."""

    CALCIUM = "calcium"
    GELLING = "gelling"
    LACTOSE = "lactose"
    ANIMAL = "animal"
    GLUTEN = "gluten"
    DYE = "dye"
    AQUEOUS = "aqueous"
    PRESERVED = "preserved"


REFUSED_IN_FILLER: Mapping[ComponentTag, str] = {
    ComponentTag.CALCIUM: "calcium may keep naltrexone from being absorbed",
    ComponentTag.GELLING: "what gels releases naltrexone slowly",
}


@dataclass(eq=False)
class FillerRefused(Unfit):
    """The component may not be used as a filler."""

    component: str
    because: str

    def __str__(self) -> str:
        return f"{self.component} may not be used as a filler: {self.because}."


def require_fit_as_filler(name: str, tags: Collection[ComponentTag]) -> None:
    """Raises FillerRefused when a tag of the component forbids it inside a capsule."""
    for tag, because in REFUSED_IN_FILLER.items():
        if tag in tags:
            raise FillerRefused(name, because)
