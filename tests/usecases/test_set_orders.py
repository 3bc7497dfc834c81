"""An order of a strength set, from its labels to the console: no vial tells half a dose as if it were a whole one."""

from pharmacy.domain.orders import OrderStatus
from pharmacy.store.labels import LabelKind
from pharmacy.usecases.supply_of_order import supply_of
from tests.builders import an_order
from tests.work import Work

SET = {"supply_option": "strength_set", "strengths_mg": ["1.5", "3"]}
SPLIT = {
    "steps": [
        {"dose_mg": "1.5", "time_of_day": "bedtime", "duration_days": 7},
        {
            "intakes": [
                {"time_of_day": "morning", "dose_mg": "1.5"},
                {"time_of_day": "bedtime", "dose_mg": "3"},
            ],
            "duration_days": None,
        },
    ]
}


def test_every_vial_of_a_set_has_a_label_that_names_the_others(work: Work) -> None:
    order_id = work.submit(an_order(**SET))
    work.carry_out()

    proofs = {
        (label.content["drug_and_strength"], label.content["step_text"]): label.content["directions"][-1]
        for label in work.labels(order_id)
    }

    assert proofs == {
        ("naltrexone 1.5 mg capsule", "Step 1 of 3, days 1 to 7"): "take 1 capsule by mouth at bedtime.",
        (
            "naltrexone 1.5 mg capsule",
            "Step 3 of 3, days 15 to 30",
        ): "take 1 capsule by mouth at bedtime, together with 1 capsule of 3 mg.",
        ("naltrexone 3 mg capsule", "Step 2 of 3, days 8 to 14"): "take 1 capsule by mouth at bedtime.",
        (
            "naltrexone 3 mg capsule",
            "Step 3 of 3, days 15 to 30",
        ): "take 1 capsule by mouth at bedtime, together with 1 capsule of 1.5 mg.",
    }
    assert all(label.made_at and label.pdf for label in work.labels(order_id))


def test_what_was_written_of_a_set_is_read_back_as_it_was(work: Work) -> None:
    order = work.order(work.submit(an_order(**SET)))

    supply = supply_of(order)

    beside = [step.beside for line in supply.lines for vial in line.vials for step in vial.steps]
    assert sum(map(len, beside)) == 2
    assert supply.capsules == 46


def test_a_set_is_compounded_labelled_and_verified_like_every_order(work: Work) -> None:
    order_id = work.bring_to(OrderStatus.VERIFIED, an_order(**SET))

    dispensing = [label for label in work.labels(order_id) if label.kind is LabelKind.DISPENSING]

    assert len(dispensing) == 4
    assert all(label.content["lot"] for label in dispensing)


def test_morning_and_bedtime_amounts_reach_their_labels(work: Work) -> None:
    order_id = work.submit(an_order(plan=SPLIT, days=30, supply_option="one_strength_per_step"))
    work.carry_out()

    told = [" ".join(label.content["directions"]) for label in work.labels(order_id)]

    assert told == [
        "Step 1 of 2, days 1 to 7: take 1 capsule by mouth at bedtime.",
        "Step 2 of 2, days 8 to 30: take 1 capsule by mouth in the morning.",
        "Step 2 of 2, days 8 to 30: take 1 capsule by mouth at bedtime.",
    ]
