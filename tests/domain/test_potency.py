"""Potency corrects for water once, and for the form once."""

from decimal import Decimal

import pytest
from hypothesis import given

from pharmacy.domain.potency import (
    ApiForm,
    AssayBasis,
    StrengthBasis,
    WaterNotStated,
    adjustment_factor,
    hydrate_factor,
    hydrochloride_content,
    potency,
    salt_factor,
    theoretical_water_pct,
)
from tests.domain.benches import a_certificate
from tests.domain.cases import case
from tests.domain.strategies_compounding import certificates

LOT = "lot NTX-2601, certificate of analysis"


def near(expected: str, tolerance: str):
    return pytest.approx(Decimal(expected), abs=Decimal(tolerance))


@pytest.mark.parametrize("case_id", ["CAP-01"])
def test_an_anhydrous_assay_is_corrected_for_water(case_id):  # E1
    expected = case(case_id).expected

    figure = potency(a_certificate(), LOT)

    assert figure.value == Decimal(expected["potency_fraction"])
    assert adjustment_factor(figure).text == expected["adjustment_factor"]
    assert Decimal("4.5") / figure.number == near(expected["api_as_is_mg_per_capsule"], "0.000001")


@pytest.mark.parametrize("case_id", ["CAP-02"])
def test_an_assay_as_is_is_not_corrected_again(case_id):  # E2
    inputs, expected = case(case_id).inputs, case(case_id).expected
    certificate = a_certificate(assay_pct=Decimal(inputs["assay_pct"]), basis=AssayBasis.AS_IS)

    figure = potency(certificate, LOT)

    assert figure.value == Decimal(expected["potency_fraction"])
    assert Decimal(inputs["required_pure_mg"]) / figure.number == near(expected["api_as_is_mg"], "0.0001")


@pytest.mark.parametrize("case_id", ["CAP-03"])
def test_a_strength_as_base_takes_more_hydrochloride(case_id):  # E3
    expected = case(case_id).expected
    factor = salt_factor(StrengthBasis.NALTREXONE_BASE)
    hydrochloride = Decimal("4.5") * factor.number

    assert factor.text == expected["salt_factor"]
    assert hydrochloride == near(expected["hcl_mg"], "0.0001")
    assert hydrochloride / potency(a_certificate(), LOT).number == near(expected["api_as_is_mg"], "0.0001")


@pytest.mark.parametrize("case_id", ["CAP-04"])
def test_a_dihydrate_without_a_water_figure_is_counted_by_formula(case_id):  # E4
    expected = case(case_id).expected
    certificate = a_certificate(assay_pct=Decimal(100), form=ApiForm.HYDROCHLORIDE_DIHYDRATE, water_pct=None)
    factor = hydrate_factor(certificate)

    assert factor.text == expected["hydrate_factor"]
    assert potency(certificate, LOT).value == 1
    assert Decimal("4.5") / hydrochloride_content(certificate, LOT).number == near(
        expected["api_mg"], "0.0001"
    )
    assert theoretical_water_pct() == near(expected["theoretical_water_pct"], "0.005")


def test_a_dihydrate_with_measured_water_has_no_hydrate_factor():
    certificate = a_certificate(form=ApiForm.HYDROCHLORIDE_DIHYDRATE, water_pct=Decimal("8.7"))

    assert hydrate_factor(certificate).value == 1
    assert potency(certificate, LOT).value == Decimal("0.992") * Decimal("0.913")


def test_solvents_are_taken_off_an_anhydrous_assay_and_only_shown_beside_a_dried_one():
    wet = {"assay_pct": Decimal(100), "water_pct": Decimal(3), "solvents_pct": Decimal("0.5")}
    anhydrous = potency(a_certificate(**wet), LOT)
    dried = potency(a_certificate(**wet, basis=AssayBasis.DRIED), LOT)

    assert anhydrous.value == Decimal("0.965")
    assert dried.value == Decimal("0.97")
    assert [each.name for each in dried.inputs][2:] == ["loss on drying", "residual solvents"]


def test_powder_that_is_base_weighs_less_than_the_hydrochloride():
    certificate = a_certificate(form=ApiForm.BASE)

    assert hydrate_factor(certificate).text == "0.90354"
    both = hydrate_factor(certificate).number * salt_factor(StrengthBasis.NALTREXONE_BASE).number
    assert both == near("1", "1e-26")


@pytest.mark.parametrize("basis", [AssayBasis.ANHYDROUS, AssayBasis.DRIED])
def test_an_assay_without_its_water_figure_is_refused(basis):
    with pytest.raises(WaterNotStated, match=f"{basis} basis"):
        potency(a_certificate(basis=basis, water_pct=None), LOT)


def test_every_figure_of_the_certificate_names_its_lot():
    assert {each.source for each in potency(a_certificate(), LOT).inputs} == {LOT}


@pytest.mark.parametrize("field", ["assay_pct", "water_pct", "solvents_pct"])
def test_a_certificate_refuses_floats(field):
    with pytest.raises(TypeError, match="must be a Decimal"):
        a_certificate(**{field: 1.5})


@pytest.mark.parametrize(
    "wrong",
    [
        {"assay_pct": Decimal(0)},
        {"assay_pct": Decimal("110.1")},
        {"water_pct": Decimal(-1)},
        {"solvents_pct": Decimal(-1)},
        {"water_pct": Decimal(60), "solvents_pct": Decimal(40)},
    ],
)
def test_a_certificate_refuses_impossible_percentages(wrong):
    with pytest.raises(ValueError, match="%"):
        a_certificate(**wrong)


@given(certificate=certificates())
def test_water_is_counted_at_most_once(certificate):
    content = potency(certificate, LOT).number
    assay = certificate.assay_pct / 100
    corrected_once = assay * (1 - (certificate.water_pct + certificate.solvents_pct) / 100)

    assert corrected_once <= content <= assay
    if certificate.form is not ApiForm.BASE:
        assert hydrate_factor(certificate).value == 1
