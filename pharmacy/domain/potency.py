"""How much naltrexone a powder really holds, and how much of it a label strength needs.

The certificate of analysis states an assay on one of three bases. On the anhydrous basis (USP naltrexone
hydrochloride) the water and solvents of the lot are taken off; on the dried basis the loss on drying; an assay
of the powder as it is is final, and taking its water off a second time would overdose by about 3 %. The form
weighed is corrected by molecular weight, and for a hydrate the water is counted either by that factor or by the
measured water, never by both. Strengths are naltrexone *hydrochloride* unless the order says base.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pharmacy.domain.errors import Unfit
from pharmacy.domain.figures import Figure, Input, require_decimal, shown

HUNDRED = Decimal(100)
NO_CORRECTION = Decimal(1)

# Molecular weights in g/mol: hydrochloride from the USP monograph, base from the drug compendium,
# dihydrate computed from atomic masses.
WEIGHT_OF_BASE = Decimal("341.41")
WEIGHT_OF_HYDROCHLORIDE = Decimal("377.86")
WEIGHT_OF_DIHYDRATE = Decimal("413.89")
HYDROCHLORIDE_SOURCE = "USP monograph naltrexone hydrochloride"
BASE_SOURCE = "drug compendium, naltrexone"
DIHYDRATE_SOURCE = "computed from atomic masses"

HIGHEST_ASSAY = Decimal(110)


class AssayBasis(StrEnum):
    """What the assay on the certificate is a percentage of."""

    ANHYDROUS = "anhydrous"
    DRIED = "dried"
    AS_IS = "as_is"


class ApiForm(StrEnum):
    """The form of the powder that is weighed."""

    HYDROCHLORIDE = "naltrexone_hydrochloride"
    HYDROCHLORIDE_DIHYDRATE = "naltrexone_hydrochloride_dihydrate"
    BASE = "naltrexone_base"


class StrengthBasis(StrEnum):
    """What the strength on the label is milligrams of."""

    NALTREXONE_HYDROCHLORIDE = "naltrexone_hydrochloride"
    NALTREXONE_BASE = "naltrexone_base"


@dataclass(eq=False)
class WaterNotStated(Unfit):
    """The certificate gives no water figure, and neither its basis nor the form makes up for it."""

    basis: AssayBasis

    def __str__(self) -> str:
        return (
            f"The assay is on the {self.basis} basis, and the certificate states no water or loss on drying."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a certificate of analysis says, in per cent.

    `water_pct` is the figure that matches the basis: Karl Fischer water for anhydrous, loss on drying for dried;
    None when the certificate gives none.
    """

    assay_pct: Decimal
    basis: AssayBasis
    form: ApiForm
    water_pct: Decimal | None
    solvents_pct: Decimal

    def __post_init__(self) -> None:
        require_decimal(self.assay_pct, "The assay")
        require_decimal(self.solvents_pct, "Residual solvents")
        if self.water_pct is not None:
            require_decimal(self.water_pct, "Water")
        water = self.water_pct or Decimal(0)
        if not 0 < self.assay_pct <= HIGHEST_ASSAY:
            raise ValueError(f"An assay lies above 0 % and not above {HIGHEST_ASSAY} %.")
        if water < 0 or self.solvents_pct < 0 or water + self.solvents_pct >= HUNDRED:
            raise ValueError("Water and solvents are zero or more and together under 100 %.")

    @property
    def counts_water_by_formula(self) -> bool:
        """True when the hydrate factor stands in for a water figure that the certificate does not give."""
        return (
            self.form is ApiForm.HYDROCHLORIDE_DIHYDRATE
            and self.basis is not AssayBasis.AS_IS
            and self.water_pct is None
        )


def potency(certificate: Certificate, source: str) -> Figure:
    """The fraction of the assayed form in the powder as it is, shown to six places.

    `source` names the lot and certificate. Raises `WaterNotStated` when the basis needs a water figure, the
    certificate has none and the hydrate factor does not count it. Source: USP naltrexone hydrochloride.
    """
    if certificate.basis is AssayBasis.AS_IS:
        taken_off, formula = Decimal(0), "assay / 100"
    elif certificate.counts_water_by_formula:
        taken_off, formula = certificate.solvents_pct, "assay / 100 x (1 - solvents / 100)"
    else:
        taken_off, formula = _taken_off(certificate)
    return Figure(
        key="potency",
        name="Potency as is",
        value=certificate.assay_pct * (HUNDRED - taken_off) / (HUNDRED * HUNDRED),
        unit="",
        formula=formula,
        inputs=_certificate_inputs(certificate, source),
        places=6,
    )


def _taken_off(certificate: Certificate) -> tuple[Decimal, str]:
    """Per cent of the powder that the assay does not count, and the formula in words."""
    if certificate.water_pct is None:
        raise WaterNotStated(certificate.basis)
    if certificate.basis is AssayBasis.DRIED:
        # Loss on drying already holds the solvents: they are shown, not taken off again.
        return certificate.water_pct, "assay / 100 x (1 - loss on drying / 100)"
    taken_off = certificate.water_pct + certificate.solvents_pct
    return taken_off, "assay / 100 x (1 - (water + solvents) / 100)"


def _certificate_inputs(certificate: Certificate, source: str) -> tuple[Input, ...]:
    water_name = "loss on drying" if certificate.basis is AssayBasis.DRIED else "water"
    water = "not stated" if certificate.water_pct is None else f"{shown(certificate.water_pct)} %"
    return (
        Input("assay", f"{shown(certificate.assay_pct)} %", source),
        Input("basis of the assay", certificate.basis.value.replace("_", " "), source),
        Input(water_name, water, source),
        Input("residual solvents", f"{shown(certificate.solvents_pct)} %", source),
    )


def adjustment_factor(potency_figure: Figure) -> Figure:
    """Milligrams of powder as it is per milligram pure: 1 / potency."""
    return Figure(
        key="adjustment_factor",
        name="Adjustment factor",
        value=1 / potency_figure.number,
        unit="",
        formula="1 / potency",
        inputs=(potency_figure.as_input(),),
        places=6,
    )


def salt_factor(basis: StrengthBasis) -> Figure:
    """Milligrams of naltrexone hydrochloride per milligram of label strength: 1, or 1.10676 for base."""
    if basis is StrengthBasis.NALTREXONE_HYDROCHLORIDE:
        return _uncorrected("salt_factor", "Salt factor", "the strength is naltrexone hydrochloride", "order")
    return Figure(
        key="salt_factor",
        name="Salt factor",
        value=WEIGHT_OF_HYDROCHLORIDE / WEIGHT_OF_BASE,
        unit="",
        formula="molecular weight of hydrochloride / base",
        inputs=(
            Input("naltrexone hydrochloride", f"{WEIGHT_OF_HYDROCHLORIDE} g/mol", HYDROCHLORIDE_SOURCE),
            Input("naltrexone base", f"{WEIGHT_OF_BASE} g/mol", BASE_SOURCE),
        ),
        places=5,
    )


def hydrate_factor(certificate: Certificate) -> Figure:
    """Milligrams of the form weighed per milligram of hydrochloride.

    1 for the hydrochloride; 1.09535 for a dihydrate whose water is not measured, and 1 when it is, or when the
    assay is as is; 0.90354 for powder that is naltrexone base.
    """
    if certificate.form is ApiForm.BASE:
        return _form_factor(WEIGHT_OF_BASE, "naltrexone base", BASE_SOURCE)
    if certificate.counts_water_by_formula:
        return _form_factor(WEIGHT_OF_DIHYDRATE, "dihydrate", DIHYDRATE_SOURCE)
    because = "the powder is the hydrochloride, or its water is counted in the potency"
    return _uncorrected("hydrate_factor", "Form factor", because, "certificate of analysis")


def _form_factor(weight: Decimal, form: str, source: str) -> Figure:
    return Figure(
        key="hydrate_factor",
        name="Form factor",
        value=weight / WEIGHT_OF_HYDROCHLORIDE,
        unit="",
        formula="molecular weight of the form weighed / hydrochloride",
        inputs=(
            Input(form, f"{weight} g/mol", source),
            Input("naltrexone hydrochloride", f"{WEIGHT_OF_HYDROCHLORIDE} g/mol", HYDROCHLORIDE_SOURCE),
        ),
        places=5,
    )


def _uncorrected(key: str, name: str, because: str, source: str) -> Figure:
    return Figure(
        key=key,
        name=name,
        value=NO_CORRECTION,
        unit="",
        formula="1, no correction",
        inputs=(Input("because", because, source),),
    )


def hydrochloride_content(certificate: Certificate, source: str) -> Figure:
    """The fraction of pure anhydrous naltrexone hydrochloride in the powder as it is.

    The potency with the form factor taken out: what a triturate's strength is calculated with.
    """
    potency_figure = potency(certificate, source)
    factor = hydrate_factor(certificate)
    return Figure(
        key="hydrochloride_content",
        name="Naltrexone hydrochloride in the powder",
        value=potency_figure.number / factor.number,
        unit="",
        formula="potency / form factor",
        inputs=(potency_figure.as_input(source), factor.as_input()),
        places=6,
    )


def theoretical_water_pct() -> Decimal:
    """The water of a pure dihydrate in per cent, by formula: 8.71."""
    return HUNDRED * (WEIGHT_OF_DIHYDRATE - WEIGHT_OF_HYDROCHLORIDE) / WEIGHT_OF_DIHYDRATE
