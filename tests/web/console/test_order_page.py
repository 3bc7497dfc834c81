"""What the sheet of one order says, and what no page of the console ever says."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask

from pharmacy.domain.orders import Act, OrderStatus
from pharmacy.store import outbox
from pharmacy.store.labels import LabelKind
from tests.builders import GONE, a_plan, an_order
from tests.web.console.pages import Console, words
from tests.work import Work

S = OrderStatus


def test_the_typical_order_shows_plan_lines_batches_and_price(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.QUEUED)

    page = words(tess.order(order_id))

    assert "Promised Fri 27 Nov 2026 in 4 days" in page
    assert "1 1.5 mg at bedtime 1 to 7" in page
    assert "3 4.5 mg at bedtime 15 to 30" in page
    assert "Line 1: 7 capsules of 1.5 mg" in page
    for weighed in ("120 mg", "240 mg", "765 mg", "984 mg", "864 mg", "1581 mg", "138.00 mg"):
        assert weighed in page, weighed
    assert "Total 65.45 USD" in page
    assert "Dr. Rosa Example" in page
    assert "Opioid in 14 days no Allergies none known Medicines none" in page


def test_every_number_of_the_worksheet_opens_to_its_formula_and_its_sources(
    work: Work, tess: Console
) -> None:
    order_id = work.bring_to(S.QUEUED)

    page = words(tess.order(order_id))

    assert "Potency as is 0.961248 assay / 100 x (1 - (water + solvents) / 100)" in page
    assert "assay 99.2 % lot NTX-2601, certificate of analysis" in page
    assert "Rounded: half-up to 1 mg, -0.03 % from exact" in page


def test_every_figure_on_the_page_is_a_disclosure_with_its_story_in_the_tooltip(
    work: Work, tess: Console
) -> None:
    text = tess.order(work.bring_to(S.QUEUED)).text

    figures = re.findall(r'<details class="figure[^>]*>\s*<summary title="([^"]*)"', text)
    assert len(figures) > 60
    assert all(figures)


def test_the_price_opens_line_by_line(work: Work, tess: Console) -> None:
    page = words(tess.order(work.submit()))

    assert "Labour, 35 minutes 31.50 USD minutes x rate" in page
    assert "rate 0.90 USD/minute price book house-1" in page


def test_the_drawing_says_in_a_sentence_what_it_shows(work: Work, tess: Console) -> None:
    text = tess.order(work.bring_to(S.SHIPPED)).text

    sentence = re.search(r'<title id="plan-says">([^<]*)</title>', text)
    assert sentence is not None
    assert sentence[1].startswith(
        "Step 1: 1.5 mg at bedtime, days 1 to 7, Thu 26 Nov 2026 to Wed 2 Dec 2026; Step 2: 3 mg at bedtime"
    )


def test_labels_are_being_made_then_made_then_void(work: Work, tess: Console) -> None:
    order_id = work.submit()
    assert "Labels are being made." in words(tess.order(order_id))

    work.carry_out()
    page = words(tess.order(order_id))
    assert page.count("Made Proof, not for dispensing") == 3
    assert "Labels are being made." not in page

    for act in (Act.START_REVIEW, Act.APPROVE, Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
        work.act(order_id, act)
    page = words(tess.order(order_id))
    assert page.count("Being made Dispensing label") == 3
    assert page.count("Void Proof, not for dispensing") == 3
    assert "the dispensing label took its place" in page


def test_a_label_that_was_given_up_says_why(work: Work, tess: Console) -> None:
    order_id = work.submit()
    work.carry_out()
    for act in (Act.START_REVIEW, Act.APPROVE, Act.RECORD_PAYMENT, Act.START_COMPOUNDING):
        work.act(order_id, act)
    work.work_off(order_id)
    with work.sessions.write() as session:
        for message_id in work.messages("label.requested"):
            outbox.mark_failed(session, message_id, "the name does not fit", now=work.pharmacy.clock())

    page = words(tess.order(order_id))

    assert page.count("Failed Dispensing label") == 3
    assert page.count("the name does not fit") == 4
    assert "Finish labelling A label cannot be drawn: the name does not fit" in page
    assert "Labels are being made." not in page


def test_the_part_that_renews_itself_tells_when_it_is_done(work: Work, tess: Console) -> None:
    order_id = work.submit()
    waiting = tess.get(f"/orders/{order_id}/labels")
    assert 'hx-trigger="every 2s"' in waiting.text
    assert "<html" not in waiting.text
    assert "HX-Trigger" not in waiting.headers

    work.carry_out()
    done = tess.get(f"/orders/{order_id}/labels")
    assert "hx-get" not in done.text
    assert done.headers["HX-Trigger"] == "labels-made"
    assert 'hx-trigger="labels-made from:body"' in tess.order(order_id).text


def test_a_label_opens_as_the_file_that_was_made(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.LABELLED)
    label = next(label for label in work.labels(order_id) if label.kind is LabelKind.DISPENSING)

    answer = tess.get(f"/labels/{label.id}.pdf")

    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_label_without_a_file_says_so_in_words(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.COMPOUNDING)
    label = next(label for label in work.labels(order_id) if label.made_at is None)

    answer = tess.get(f"/labels/{label.id}.pdf")

    assert answer.status_code == 409
    assert "The label is still being made" in words(answer)


def test_findings_stand_gravest_first_with_their_place(work: Work, tess: Console) -> None:
    body = an_order(
        {"/opioid_last_14_days": "yes", "/medicines": ["tramadol"]}, plan=a_plan(("1.5", 7), ("7", 23))
    )

    answer = tess.order(work.submit(body))

    severities = re.findall(r'<li class="(block|override|warn|info)">', answer.text)
    assert severities == sorted(severities, key=["block", "override", "warn", "info"].index)
    page = words(answer)
    assert "Read 2 grave findings before you decide." in page
    assert "D-DOSE-HIGH, at plan, step 2, dose" in page


def test_an_unanswered_question_is_shown_as_unanswered(work: Work, tess: Console) -> None:
    page = words(tess.order(work.submit(an_order({"/opioid_last_14_days": GONE, "/medicines": GONE}))))

    assert "Opioid in 14 days not answered" in page
    assert "Medicines not stated" in page


def test_notices_and_the_timeline_say_who_did_what_and_what_is_due(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.SHIPPED)

    page = words(tess.order(order_id))

    assert "The next step begins (step 2) Wed 2 Dec 2026, 18:00 Waiting" in page.replace(" ○", "")
    assert "Mon 23 Nov 2026, 10:00 Sam Shipping shipped the order" in page
    assert "Tess Technician compounded the batches" in page
    assert "Tess Technician asked for 3 dispensing labels" in page
    assert "Example Family Practice EHR submitted the order" in page


def test_a_line_that_cannot_be_weighed_says_why(work: Work, tess: Console) -> None:
    order_id = work.submit(an_order(plan=a_plan(("0.1", 7), ("4.5", 23))))

    assert "is too small to weigh on Class III, balance 1" in words(tess.order(order_id))


def test_the_worksheet_prints_every_figure_in_full_and_says_what_it_is_not(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.QUEUED)
    planned = words(tess.get(f"/orders/{order_id}/worksheet"))
    assert planned.count("Not for use at the bench.") == 3

    work.act(order_id, Act.START_COMPOUNDING)
    made = tess.get(f"/orders/{order_id}/worksheet")
    assert "Not for use at the bench." not in words(made)
    assert words(made).count("Beyond-use date") >= 3
    assert '<details class="figure' not in made.text
    assert "Fill 7 capsules, shell 3, with 138.00 mg each" in words(made)


@pytest.mark.parametrize("method", ["one_strength_per_step", "multiples_of_one_strength"])
def test_no_dose_ever_ends_in_a_zero_after_the_point(work: Work, tess: Console, method: str) -> None:
    order_id = work.bring_to(S.SHIPPED, an_order(supply_option=method))

    for path in (
        f"/orders/{order_id}",
        f"/orders/{order_id}/worksheet",
        "/orders?room=all",
        f"/orders/{order_id}/labels",
    ):
        text = tess.get(path).text
        assert not re.search(r"(?<![\d.])3\.0(?!\d)", text), path
        assert not re.search(r"(?<!\d)\d\.\d*0(&nbsp;| |\xa0)mg", words(tess.get(path))), path


def test_pages_hold_no_inline_script_or_style_and_stay_in_no_cache(work: Work, tess: Console) -> None:
    order_id = work.bring_to(S.SHIPPED)

    for path in (
        f"/orders/{order_id}",
        f"/orders/{order_id}/worksheet",
        "/orders",
        "/search?q=zoe",
        "/sign-in",
    ):
        answer = tess.get(path)
        assert not re.search(r"<[^>]+ (style|on[a-z]+)=", answer.text), path
        assert all(" src=" in tag for tag in re.findall(r"<script[^>]*>", answer.text)), path
        assert "<style" not in answer.text, path
        assert answer.headers["Cache-Control"] == "no-store", path
        assert "unsafe" not in answer.headers["Content-Security-Policy"], path


def test_names_that_look_like_markup_are_shown_as_written(work: Work, tess: Console) -> None:
    order_id = work.submit(an_order({"/patient/full_name": "Anna <b>Sample</b>"}))

    text = tess.order(order_id).text
    assert "Anna &lt;b&gt;Sample&lt;/b&gt;" in text
    assert "Anna <b>" not in text


def test_refusals_are_pages_here_and_problem_documents_at_the_api(app: Flask, tess: Console) -> None:
    nowhere = "00000000-0000-0000-0000-000000000000"

    page = tess.get(f"/orders/{nowhere}")
    assert (page.status_code, page.content_type) == (404, "text/html; charset=utf-8")
    assert "There is no such order." in words(page)
    lost = tess.get("/cellar")
    assert (lost.status_code, lost.content_type) == (404, "text/html; charset=utf-8")
    assert app.test_client().get(f"/api/v1/orders/{nowhere}").content_type == "application/problem+json"
    assert app.test_client().get("/consolation").content_type == "application/problem+json"


def test_an_order_page_costs_a_bounded_number_of_queries(
    work: Work, tess: Console, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    order_id = work.bring_to(S.SHIPPED)

    with count_queries() as queries:
        tess.order(order_id)
    with count_queries() as again:
        tess.order(order_id)

    # The first time the reading is put on record.
    assert len(queries) <= 30
    assert len(again) <= 28
