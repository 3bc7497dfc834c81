"""What a label says, to whom it says it, and what it never says."""

import re
from dataclasses import asdict, replace
from datetime import date

import pytest
from hypothesis import given

from pharmacy.domain.dose_text import DoseUnit
from pharmacy.domain.label_phrases import Language
from pharmacy.domain.labels import (
    COMPOUNDED_BY_THIS_PHARMACY,
    CapsuleLook,
    Origin,
    PharmacyOnLabel,
    PrescriptionOnLabel,
    canonical_text,
    directions,
    label_content,
    step_text,
)
from pharmacy.domain.supply import Window, common_unit, multiples, own_strength
from pharmacy.domain.titration import Intake, Step, TimeOfDay, TitrationPlan
from tests.domain.plans import bedtime_plan, mg, usual_plan
from tests.domain.strategies import doses, plans_and_windows

MONTH = Window(1, 30)
START = date(2026, 3, 2)
EXAMPLE = PharmacyOnLabel(name="Example Pharmacy", address="1 Main St, Town ST 00000", phone="(555) 010-0000")
RX = PrescriptionOnLabel(
    patient="ANNA SAMPLE",
    prescriber="Dr. R. Example",
    purpose="fibromyalgia",
    rx_number="100234-1",
    filled_on=START,
    refills_left=0,
    dose_unit=DoseUnit.MILLIGRAMS,
)
BATCH = Origin("B260301-01", date(2026, 8, 27))


def _vials(supply):
    return [vial for line in supply.lines for vial in line.vials]


def _label(origin=BATCH, start_on=None, prescription=RX):
    line = own_strength(usual_plan(), MONTH).lines[0]
    return label_content(
        line.vials[0], line.strength, prescription, EXAMPLE, origin=origin, start_on=start_on
    )


def test_the_label_of_the_first_vial_is_the_worked_example():
    label = _label(start_on=START)

    assert (label.patient, label.drug_and_strength) == ("ANNA SAMPLE", "naltrexone 1.5 mg capsule")
    assert label.directions == ("Step 1 of 3, days 1 to 7:", "take 1 capsule by mouth at bedtime.")
    assert (label.purpose, label.rx_number, label.filled_on) == ("fibromyalgia", "100234-1", "03/02/2026")
    assert (label.quantity, label.refills_left) == ("7 capsules", "0 refills")
    assert (label.lot, label.beyond_use, label.is_proof) == ("B260301-01", "08/27/2026", False)
    assert label.step_text == "Step 1 of 3, days 1 to 7 (03/02/2026 to 03/08/2026)"
    assert COMPOUNDED_BY_THIS_PHARMACY in label.auxiliary


def test_a_strength_is_labelled_in_the_unit_of_its_fill():
    micrograms = replace(RX, dose_unit=DoseUnit.MICROGRAMS)

    assert _label(prescription=micrograms).drug_and_strength == "naltrexone 1,500 mcg capsule"


LOOK = CapsuleLook(
    colours={Language.ENGLISH: "clear/white", Language.SPANISH: "transparente/blanca"}, size="3", imprint=None
)


def test_a_label_describes_the_capsule_and_names_the_pharmacist_who_reviewed():
    label = _label(prescription=replace(RX, pharmacist="KL", look=LOOK))

    assert (label.pharmacist, label.description) == ("KL", "Clear/white capsule, size 3, no imprint")


def test_a_description_is_said_in_the_patients_language_with_the_imprint():
    marked = replace(RX, look=replace(LOOK, imprint="LDN 3"), language=Language.SPANISH)

    label = _label(prescription=marked)

    assert label.description == "Cápsula transparente/blanca, tamaño 3, marcada LDN 3"
    assert label.purpose_lead == "Para:"


def test_nobody_has_reviewed_a_proof():
    assert _label(origin=None, prescription=replace(RX, pharmacist="KL")).pharmacist is None


def test_without_a_lot_there_is_only_a_proof():
    label = _label(origin=None)

    assert (label.is_proof, label.lot, label.beyond_use) == (True, None, None)


def test_a_label_for_dispensing_names_its_lot_and_date():
    with pytest.raises(ValueError, match="names its lot"):
        replace(_label(origin=None), is_proof=False)


def test_without_a_start_the_label_counts_days_and_names_no_dates():
    assert _label(start_on=None).step_text == "Step 1 of 3, days 1 to 7"


def test_one_refill_is_singular():
    assert _label(prescription=replace(RX, refills_left=1)).refills_left == "1 refill"


def test_a_vial_for_several_steps_says_a_sentence_for_each():
    (vial,) = _vials(multiples(usual_plan(), MONTH, mg("1.5")))

    assert directions(vial) == (
        "Days 1 to 7: take 1 capsule by mouth at bedtime.",
        "Days 8 to 14: take 2 capsules by mouth at bedtime.",
        "Days 15 to 30: take 3 capsules by mouth at bedtime.",
    )
    assert step_text(vial, None) == "Steps 1 to 3 of 3, days 1 to 30"


def test_a_pause_between_steps_of_one_vial_is_said():
    plan = bedtime_plan(("3", 7), ("0", 1), ("1.5", 7))
    (vial,) = _vials(multiples(plan, Window(1, 15), mg("1.5")))

    assert directions(vial)[1] == "Day 8: take no capsules."


def test_a_plan_of_one_step_needs_no_step_number():
    (vial,) = _vials(own_strength(bedtime_plan(("4.5", None)), Window(31, 30)))

    assert directions(vial) == ("Take 1 capsule by mouth at bedtime.",)
    assert step_text(vial, None) == "Days 31 to 60"


def test_a_single_day_is_a_day_and_a_date():
    vial, _ = _vials(own_strength(bedtime_plan(("1.5", 1), ("3", 1)), Window(1, 2)))

    assert step_text(vial, START) == "Step 1 of 2, day 1 (03/02/2026)"


def test_morning_and_bedtime_are_said_in_one_sentence():
    both = Step((Intake(TimeOfDay.BEDTIME, mg("3")), Intake(TimeOfDay.MORNING, mg("1.5"))), 7)
    (vial,) = _vials(multiples(TitrationPlan((both,)), Window(1, 7), mg("1.5")))

    assert directions(vial) == ("Take 1 capsule by mouth in the morning and 2 capsules by mouth at bedtime.",)


def test_equal_labels_and_only_those_have_equal_canonical_texts():
    label = _label()

    assert canonical_text(label) == canonical_text(_label())
    for name, value in asdict(label).items():
        changed = replace(
            label, **{name: ("x",) if isinstance(value, tuple) else not value if value is False else "x"}
        )
        assert canonical_text(changed) != canonical_text(label), name


@given(dose=doses())
def test_no_line_of_a_label_has_a_dose_with_a_trailing_zero(dose):
    plan = TitrationPlan((Step((Intake(TimeOfDay.BEDTIME, dose),), 7),))
    (line,) = own_strength(plan, Window(1, 7)).lines

    label = label_content(line.vials[0], line.strength, RX, EXAMPLE, origin=BATCH, start_on=START)

    assert not re.search(r"\.\d*0 m(c)?g|(?<!\d)\.\d", canonical_text(label))


@given(plan_and_window=plans_and_windows())
def test_every_vial_of_every_supply_has_plain_directions(plan_and_window):
    unit = common_unit(*plan_and_window)
    supplies = [own_strength(*plan_and_window)] + ([multiples(*plan_and_window, unit)] if unit else [])

    lines = [text for supply in supplies for vial in _vials(supply) for text in directions(vial)]

    assert all(re.fullmatch(r"[A-Za-z0-9 ,:]+[.:]", text) for text in lines)
    assert not any("/" in text or "  " in text for text in lines)
