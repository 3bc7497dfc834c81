"""The printed compounding record is read again: every figure and signature stands on it, and its pages are counted."""

import re
from collections.abc import Callable
from datetime import date

import pypdfium2 as pdfium

from pharmacy.domain.day_words import day_text, with_days_in_words
from pharmacy.domain.orders import Role
from tests.benching import BenchApi, bench_api
from tests.callers import StaffApi


def printed(bench: BenchApi, batch_id: str) -> list[str]:
    """The text of each page."""
    pdf = bench.paul.get(f"/batches/{batch_id}/worksheet?format=pdf")
    assert pdf.content_type == "application/pdf"
    again = bench.paul.get(f"/batches/{batch_id}/worksheet?format=pdf")
    assert again.data == pdf.data, "the same record is the same file"
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in pdfium.PdfDocument(pdf.data)]


def test_everything_of_the_record_stands_on_paper(staff_api: Callable[[Role], StaffApi]) -> None:
    bench = bench_api(staff_api)
    batch = bench.released(bench.plan(capsules={"strength_mg": "1.5", "capsules": 7}))

    pages = printed(bench, batch["id"])

    whole = " ".join(pages)
    for each in (*batch["figures"], *batch["figures_as_weighed"], *batch["reconciliation"]):
        assert f"{each['name']} {with_days_in_words(each['value'])}" in whole, each["name"]
    for each in batch["signatures"]:
        assert f"{each['meaning']} {each['name']}" in whole
    for each in batch["components"]:
        assert each["number"] in whole
    assert batch["certificate"]["sha256"] in whole
    assert all(f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, start=1))
    assert "not for dispensing" not in whole
    # Three in the afternoon in London is ten in the morning where the pharmacy's clock hangs.
    assert f"Compounded on {day_text(date.fromisoformat(batch['compounded_on']))}" in whole
    assert "Mon 23 Nov 2026, 10:00" in whole
    assert not re.search(r"\d{4}-\d{2}-\d{2}", whole.replace(batch["certificate"]["engine"], "")), (
        "no day is told as machines tell it"
    )


def test_what_is_not_released_says_so_and_odd_letters_keep_nothing_back(
    staff_api: Callable[[Role], StaffApi],
) -> None:
    bench = bench_api(staff_api)
    batch = bench.plan(capsules={"strength_mg": "1.5", "capsules": 7})
    bench.tess.post(f"/batches/{batch['id']}/deviations", {"wording": "the label reads \u5c71"})

    whole = " ".join(printed(bench, batch["id"]))

    assert "Planned: not for dispensing" in whole
    assert "the label reads [U+5C71]" in whole
