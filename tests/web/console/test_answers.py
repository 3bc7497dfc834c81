"""Questions on the page of an order: the form in which a pharmacist answers them, and what it says back."""

import pytest

from pharmacy.domain.orders import Act, OrderStatus
from tests.builders import GONE, an_order
from tests.web.console.pages import Console, words
from tests.work import Work

S = OrderStatus
EVERYTHING_OPEN = {"/opioid_last_14_days": GONE, "/no_known_allergies": GONE, "/medicines": GONE}


def test_a_pharmacist_answers_on_the_page_and_the_order_goes_on(work: Work, paul: Console) -> None:
    order_id = work.submit(an_order(EVERYTHING_OPEN, authorization=GONE))
    assert "Resume Waits for answers to 4 questions" in words(paul.order(order_id))

    first = paul.answer(order_id, opioid_last_14_days="no", no_known_allergies="yes")
    assert (first.status_code, first.location) == (303, f"/console/orders/{order_id}")
    assert "Resume Waits for answers to 2 questions" in words(paul.order(order_id))
    second = paul.answer(
        order_id,
        medicines="sertraline 50 mg\r\n\r\n  vitamin D ",
        authorisation_who="Dr. Example",
        authorisation_when="23 Nov, 10:00",
        authorisation_how="by telephone",
    )

    assert second.status_code == 303
    page = words(paul.order(order_id))
    assert "Answered" in page
    assert "Dr. Example, 23 Nov, 10:00, by telephone Paul Pharmacist, Mon 23 Nov 2026, 10:00" in page
    assert "Medicines sertraline 50 mg, vitamin D" in page
    assert "answered 2 questions" in page
    assert paul.act(order_id, Act.RESUME).status_code == 303
    assert work.order(order_id).status is S.RECEIVED
    page = words(paul.order(order_id))
    assert "Paul Pharmacist resumed the order" in page
    assert page.count("submitted the order") == 1
    assert "Authorised confirmed by Dr. Example, 23 Nov, 10:00, by telephone" in page


def test_a_technician_sees_what_is_asked_and_who_may_answer(work: Work, tess: Console) -> None:
    order_id = work.submit(an_order({"/opioid_last_14_days": GONE}))

    page = words(tess.order(order_id))
    refused = tess.answer(order_id, opioid_last_14_days="no")

    assert "Only a pharmacist may answer questions." in page
    assert "Record the answers" not in page
    assert "Resume Only a pharmacist may resume" in page
    assert refused.status_code == 403
    assert work.order(order_id).status is S.CLARIFICATION


@pytest.mark.parametrize(
    ("typed", "sentence", "field"),
    [
        ({}, "Answer at least one question.", None),
        ({"opioid_last_14_days": "perhaps"}, "Answer at least one question.", None),
        ({"opioid_last_14_days": "unknown"}, "Say yes or no: unknown is no answer.", "opioid_last_14_days"),
        (
            {"medicines": "sertraline", "no_medicines": "yes"},
            "List them, or say that there are none: one of the two.",
            "medicines",
        ),
        (
            {"authorisation_who": "Dr. Example", "authorisation_how": "by fax"},
            "Say on which day, and when, it was said.",
            "authorisation_when",
        ),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_what_was_typed_stays(
    work: Work, paul: Console, typed: dict[str, str], sentence: str, field: str | None
) -> None:
    order_id = work.submit(an_order(EVERYTHING_OPEN, authorization=GONE))

    answer = paul.answer(order_id, **{"allergies": "lactose"} if field else {}, **typed)

    assert answer.status_code == 422
    assert words(answer).count(sentence) == (2 if field else 1)
    if field:
        assert f'href="#{field}"' in answer.text
        assert f'id="{field}"' in answer.text
        assert f'id="fault-{field}"' in answer.text
        assert "lactose</textarea>" in answer.text
    for name, value in typed.items():
        assert value in answer.text or name == "opioid_last_14_days"


def test_answers_of_a_stale_page_are_refused_and_kept(work: Work, paul: Console) -> None:
    order_id = work.submit(an_order(EVERYTHING_OPEN))
    seen = paul.hidden(f"/orders/{order_id}")
    paul.answer(order_id, opioid_last_14_days="no")

    answer = paul.client.post(
        f"/console/orders/{order_id}/answers", data={**seen, "medicines": "sertraline 50 mg"}
    )

    assert answer.status_code == 409
    assert "Somebody has changed this order since you opened it." in words(answer)
    assert "sertraline 50 mg</textarea>" in answer.text


def test_answers_about_an_order_that_does_not_exist_are_not_found(paul: Console) -> None:
    answer = paul.post("/orders/00000000-0000-0000-0000-000000000000/answers", opioid_last_14_days="no")

    assert answer.status_code == 404
