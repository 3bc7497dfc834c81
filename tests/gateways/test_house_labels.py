"""Batch and bag labels, stickers and leaflets are read again: text, bars, and what must not be there."""

from datetime import date
from pathlib import Path

import pypdfium2 as pdfium
import pytest

from pharmacy.domain.label_phrases import AUXILIARY, PHRASES, Language, Phrase, say
from pharmacy.domain.labels import PharmacyOnLabel
from pharmacy.domain.leaflet import LEAFLETS
from pharmacy.gateways.house_labels import (
    BagLabel,
    BatchLabel,
    auxiliary_sheet_pdf,
    bag_label_pdf,
    bag_panel,
    batch_label_pdf,
    batch_panel,
)
from pharmacy.gateways.label_zpl import bars_width, panels_zpl
from pharmacy.gateways.leaflet_pdf import leaflet_pdf
from pharmacy.usecases.label_codes import LabelCodes
from pharmacy.usecases.ports import LabelDoesNotFit
from tests.gateways.printed import read
from tests.gateways.zpl_reader import read_zpl

OUTPUT = Path(__file__).parent.parent.parent / "test-output" / "labels"
PHARMACY = PharmacyOnLabel(
    name="Example Pharmacy", address="1 Main St, Town, NY 10001", phone="(555) 010-0000"
)
CODES = LabelCodes(b"a key for bags")
BAG = BagLabel(
    patient="A^FS^XZ ~JA",
    order_number=100234,
    vials=3,
    delivery="TO BE PICKED UP",
    code=CODES.code_for_order(100234),
)
BATCH = BatchLabel(
    number="B260302-0017",
    content="naltrexone 1.5 mg capsule",
    prepared="103 capsules",
    compounded_on=date(2026, 3, 2),
    beyond_use_on=date(2026, 8, 29),
    storage="Store dry, away from light, at room temperature.",
)
each_language = pytest.mark.parametrize("language", Language)


def _keep(pdf: bytes, name: str) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    document = pdfium.PdfDocument(pdf)
    document[0].render(scale=2).to_pil().save(OUTPUT / f"{name}.png")
    document.close()


def test_a_batch_label_names_the_batch_and_never_says_that_it_is_released() -> None:
    pdf = batch_label_pdf(BATCH)
    (panel,) = read(pdf)

    for wanted in (BATCH.number, BATCH.content, BATCH.prepared, "03/02/2026", "08/29/2026", BATCH.storage):
        assert wanted in panel.flat_text
    assert "NOT FOR DISPENSING UNTIL RELEASED" in panel.flat_text
    assert panel.barcodes == (BATCH.number,)
    _keep(pdf, "batch")


def test_a_bag_names_whose_it_is_and_nothing_that_is_inside() -> None:
    pdf = bag_label_pdf(BAG, PHARMACY)
    (panel,) = read(pdf)

    assert BAG.patient in panel.flat_text
    assert "100234" in panel.flat_text
    assert "naltrexone" not in panel.flat_text.lower()
    (code,) = panel.barcodes
    assert CODES.order_number_of(code) == 100234
    assert CODES.order_number_of(code[:-1] + str((int(code[-1]) + 1) % 10)) is None
    _keep(pdf, "bag")


@pytest.mark.parametrize("dpi", [203, 300])
def test_thermal_printers_print_both(dpi: int) -> None:
    bag, batch = bars_width(BAG.code, dpi), bars_width(BATCH.number, dpi)
    panels = [
        (bag_panel(BAG, PHARMACY, bag), BAG.code, BAG.patient),
        (batch_panel(BATCH, batch), BATCH.number, BATCH.content),
    ]
    for panel, code, text in panels:
        (shown,) = read_zpl(panels_zpl([panel], code, dpi), dpi)
        assert text in shown.flat_text
        assert shown.barcodes == (code,)


def test_a_name_too_long_for_a_bag_is_refused() -> None:
    with pytest.raises(LabelDoesNotFit):
        bag_label_pdf(
            BagLabel(patient="Featherstonehaugh " * 30, order_number=1, vials=1, delivery="", code=BAG.code),
            PHARMACY,
        )


@each_language
def test_a_sheet_of_stickers_has_every_warning(language: Language) -> None:
    pdf = auxiliary_sheet_pdf(language)
    (page,) = read(pdf)

    assert [
        say(language, phrase) for phrase in AUXILIARY if say(language, phrase) not in page.flat_text
    ] == []
    assert (page.width, page.height) == (612, 792)
    _keep(pdf, f"auxiliary-{language}")


@each_language
def test_a_leaflet_is_one_page_with_everything_on_it(language: Language) -> None:
    pdf = leaflet_pdf(language, PHARMACY)
    (page,) = read(pdf)

    for section in LEAFLETS[language].sections:
        for text in (section.heading, *section.paragraphs):
            said = text.replace("{pharmacy}", PHARMACY.name).replace("{phone}", PHARMACY.phone)
            assert said in page.flat_text
    assert min(run.size for run in page.runs) >= 9
    assert all(run.bottom > 30 and run.right < page.width - 50 for run in page.runs)
    assert leaflet_pdf(language, PHARMACY) == pdf
    _keep(pdf, f"leaflet-{language}")


def test_a_leaflet_says_what_the_law_and_the_trade_ask_for() -> None:
    (page,) = read(leaflet_pdf(Language.ENGLISH, PHARMACY))

    for wanted in ("opioid", "surgeon", "off-label", "Never take two doses", "room temperature", "no cost"):
        assert wanted in page.flat_text


def test_both_languages_have_every_phrase_with_the_same_things_put_in() -> None:
    for phrase in Phrase:
        english, spanish = (PHRASES[language][phrase] for language in Language)
        names = [{part.split("}")[0] for part in text.split("{")[1:]} for text in (english, spanish)]
        assert names[0] == names[1], phrase
    assert len(LEAFLETS[Language.ENGLISH].sections) == len(LEAFLETS[Language.SPANISH].sections)
