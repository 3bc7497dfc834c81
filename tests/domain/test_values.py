"""A float is refused wherever a number enters: 0.1 + 0.2 is not a dose."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest

from pharmacy.domain.dose_text import DoseUnit
from pharmacy.domain.labels import PharmacyOnLabel, PrescriptionOnLabel, label_content
from pharmacy.domain.notices import NoticeKind, PlannedNotice
from pharmacy.domain.quantities import Micrograms, Milligrams
from pharmacy.domain.refills import RefillPolicy, supply_dates
from pharmacy.domain.screening.statements import Profile
from pharmacy.domain.supply import SupplyLine, Vial, VialStep, Window, own_strength
from pharmacy.domain.titration import (
    DoseLimits,
    DosingDay,
    Intake,
    ScheduledStep,
    Step,
    TimeOfDay,
    TitrationPlan,
)
from tests.domain.plans import mg, usual_plan

DAY = date(2026, 3, 2)
STEP = usual_plan().steps[0]
POLICY = {"used_share": Decimal("0.8"), "lead_days": 7, "start_lag_days": 0}
VIAL_STEP = {
    "position": 1,
    "of_steps": 3,
    "first_day": 1,
    "last_day": 7,
    "time_of_day": TimeOfDay.BEDTIME,
    "capsules_per_dose": 1,
}
ON_LABEL = {
    "patient": "",
    "prescriber": "",
    "purpose": None,
    "rx_number": "",
    "filled_on": DAY,
    "dose_unit": DoseUnit.MILLIGRAMS,
}

BUILD_FROM_A_FLOAT = {
    "Micrograms": lambda number: Micrograms(number),
    "Milligrams": lambda number: Milligrams(number),
    "Intake": lambda number: Intake(TimeOfDay.BEDTIME, number),
    "Step duration": lambda number: Step(STEP.intakes, number),
    "Step intakes": lambda number: Step((number,), 7),
    "TitrationPlan": lambda number: TitrationPlan((number,)),
    "DoseLimits": lambda number: DoseLimits(mg("4.5"), mg("6"), number),
    "ScheduledStep": lambda number: ScheduledStep(position=1, step=STEP, first_day=1, last_day=number),
    "DosingDay": lambda number: DosingDay(day=number, on=DAY, position=1, intakes=()),
    "Window": lambda number: Window(1, number),
    "VialStep": lambda number: VialStep(**VIAL_STEP | {"capsules_per_dose": number}),
    "Vial": lambda number: Vial((), number),
    "SupplyLine": lambda number: SupplyLine(number, ()),
    "RefillPolicy share": lambda number: RefillPolicy(**POLICY | {"used_share": number}),
    "RefillPolicy days": lambda number: RefillPolicy(**POLICY | {"lead_days": number}),
    "days' supply": lambda number: supply_dates(DAY, DAY, number, 0, RefillPolicy(**POLICY)),
    "PlannedNotice": lambda number: PlannedNotice(
        kind=NoticeKind.STEP, step_position=number, on=DAY, at=time(18)
    ),
    "PrescriptionOnLabel": lambda number: PrescriptionOnLabel(**ON_LABEL, refills_left=number),
    "Profile": lambda number: Profile(on=DAY, age=number),
}


@pytest.mark.parametrize("build", BUILD_FROM_A_FLOAT.values(), ids=BUILD_FROM_A_FLOAT)
def test_a_float_is_refused(build):
    with pytest.raises(TypeError):
        build(7.0)


def test_a_label_consists_of_texts():
    line = own_strength(usual_plan(), Window(1, 7)).lines[0]
    label = label_content(
        line.vials[0],
        line.strength,
        PrescriptionOnLabel(**ON_LABEL, refills_left=0),
        PharmacyOnLabel(name="", address="", phone=""),
        origin=None,
        start_on=None,
    )

    with pytest.raises(TypeError, match="texts"):
        replace(label, quantity=7.0)


def test_an_intake_is_taken_at_a_time_of_day():
    with pytest.raises(TypeError):
        Intake("bedtime", mg("1.5"))
