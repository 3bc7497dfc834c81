"""ZPL is data, set in our own typeface: parsed strictly, drawn by another's renderer, scanned by another's decoder."""

import random
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharmacy.domain.labels import LabelContent, LabelTemplate
from pharmacy.gateways.label_pdf import LabelPdf
from pharmacy.gateways.label_type import first_unprintable
from pharmacy.gateways.label_zpl import LabelZpl, typeface_zpl
from pharmacy.usecases.label_codes import LabelCodes
from pharmacy.usecases.ports import LabelDoesNotFit, ProofNotPrinted
from tests.gateways.printed import BARCODE, a_label, a_proof, read, scanned, sentences
from tests.gateways.test_label_pdf import BOTH_TIMES, LABELS, LONG_NAME, texts_of
from tests.gateways.zpl_reader import ReadZpl, read_zpl

HOSTILE = "A^FS^XZ ~JA"
OUTPUT = Path(__file__).parent.parent.parent / "test-output" / "labels"
FULL = (LabelTemplate.FOUR_BY_TWO, LabelTemplate.THREE_BY_TWO)
each_template = pytest.mark.parametrize("template", LabelTemplate)
each_resolution = pytest.mark.parametrize("dpi", [203, 300])


def zpl(
    content: LabelContent, dpi: int = 203, template: LabelTemplate = LabelTemplate.FOUR_BY_TWO
) -> list[ReadZpl]:
    return read_zpl(LabelZpl(dpi).render(content, BARCODE, template), dpi)


@each_resolution
@each_template
def test_a_name_made_of_commands_is_printed_as_a_name(template: LabelTemplate, dpi: int) -> None:
    content = a_label(patient=HOSTILE)

    printed = LabelZpl(dpi).render(content, BARCODE, template)
    (panel,) = read_zpl(printed, dpi)

    assert HOSTILE in panel.texts
    assert printed.count(b"^XA") == printed.count(b"^XZ") == 1
    assert b"~" not in printed
    assert panel.barcodes == (BARCODE,)
    _keep(panel, f"{template}-{dpi}-hostile-name")


@given(
    name=st.text(min_size=1, max_size=30).filter(lambda text: text.split() and not first_unprintable(text))
)
@settings(max_examples=80, deadline=None)
def test_no_text_becomes_a_command(name: str) -> None:
    try:
        printed = LabelZpl().render(a_label(patient=name), BARCODE)
    except LabelDoesNotFit:
        return
    panels = read_zpl(printed, 203)

    assert printed.isascii()
    assert all(" ".join(name.split()) in panel.flat_text for panel in panels)


@each_resolution
def test_what_a_printer_shows_is_what_the_pdf_shows(dpi: int) -> None:
    for content in LABELS.values():
        if content.is_proof:
            continue
        panels, pages = zpl(content, dpi), read(LabelPdf().render(content, BARCODE))
        assert [sorted(text.strip() for text in panel.texts) for panel in panels] == [
            sorted(run.text.strip() for run in page.runs) for page in pages
        ]
        assert {panel.barcodes for panel in panels} == {(BARCODE,)}


@each_resolution
def test_ink_stays_on_the_label_and_off_its_edge(dpi: int) -> None:
    for name, content in LABELS.items():
        for template in FULL:
            if content.is_proof:
                continue
            try:
                panels = zpl(content, dpi, template)
            except LabelDoesNotFit:
                continue
            for panel in panels:
                left, top, right, bottom = panel.picture.point(lambda shade: 255 - shade).getbbox()
                edge = dpi // 25  # A millimetre.
                assert min(left, top) >= edge, name
                assert right <= panel.picture.width - edge, name
                assert bottom <= panel.picture.height - edge, name


@pytest.mark.parametrize("name", ["Łukasz Żółć", "Siobhán O’Brien-Ñuñez", "Ελένη Παππά", "Дмитрий Щукин"])
def test_names_keep_their_letters(name: str) -> None:
    (panel,) = zpl(a_label(patient=name))

    assert name in panel.texts


@pytest.mark.parametrize("template", FULL)
def test_the_cluster_has_half_of_either_label_and_twelve_points(template: LabelTemplate) -> None:
    content = a_label(directions=("Step 10 of 12, days 64 to 70:", "take 1 capsule by mouth at bedtime."))
    (page,) = read(LabelPdf().render(content, BARCODE, template))

    large = [run for run in page.runs if run.size >= 12]
    assert " ".join(run.text for run in large) == " ".join(
        [content.patient, content.drug_and_strength, *content.directions, f"For: {content.purpose}"]
    )
    assert all(run.top <= page.height / 2 for run in page.runs if run not in large)
    assert (page.width, page.height) == ((288, 144) if template == "4x2" else (216, 144))


SPANISH = a_label(
    directions=("Paso 1 de 3, días 1 a 7:", "tome 1 cápsula por la boca al acostarse."),
    english_directions=("Step 1 of 3, days 1 to 7:", "take 1 capsule by mouth at bedtime."),
    purpose_lead="Para:",
    description="Cápsula transparente/blanca, tamaño 3, sin marca",
)


@each_resolution
@pytest.mark.parametrize(
    ("content", "most_panels"),
    [(a_label(), 1), (SPANISH, 2), (LABELS["every warning"], 3), (LABELS["three steps in one vial"], 3)],
    ids=["usual", "spanish", "every warning", "three steps in one vial"],
)
def test_a_three_inch_label_carries_every_field(content: LabelContent, most_panels: int, dpi: int) -> None:
    panels = zpl(content, dpi, LabelTemplate.THREE_BY_TWO)
    shown = " ".join(panel.flat_text for panel in panels)

    assert [text for text in texts_of(content) if text not in shown] == []
    assert len(panels) <= most_panels
    for panel in panels:
        assert panel.barcodes == (BARCODE,)
        assert all(text in panel.flat_text for text in (content.patient, content.lot, content.beyond_use))


def test_a_three_inch_label_that_is_too_full_says_what_has_no_room() -> None:
    content = a_label(directions=("Step 2 of 3, days 8 to 14:", BOTH_TIMES), patient=LONG_NAME)

    with pytest.raises(LabelDoesNotFit):
        zpl(content, template=LabelTemplate.THREE_BY_TWO)


def test_a_sticker_names_the_vial_and_sends_the_reader_to_the_label() -> None:
    content = a_label()
    (panel,) = zpl(content, template=LabelTemplate.STICKER)

    wanted = (content.patient, content.drug_and_strength, content.step_text, content.lot, content.beyond_use)
    assert [text for text in wanted if text not in panel.flat_text] == []
    assert "Sticker; directions are on the label." in panel.flat_text
    assert "take 1 capsule" not in panel.flat_text


@each_template
def test_a_reprint_says_so(template: LabelTemplate) -> None:
    for panel in zpl(a_label(reprint="REPRINT 2"), template=template):
        assert "REPRINT 2" in panel.flat_text


def test_a_label_in_another_language_has_the_english_directions_for_the_check() -> None:
    content = a_label(
        directions=("Paso 1 de 3, días 1 a 7:", "tome 1 cápsula por la boca al acostarse."),
        english_directions=a_label().directions,
    )
    (panel,) = zpl(content)

    assert " ".join(content.directions) in panel.flat_text
    assert " ".join(content.english_directions) in panel.flat_text
    _keep(panel, "4x2-203-spanish")


def test_no_printer_is_given_a_proof() -> None:
    with pytest.raises(ProofNotPrinted):
        LabelZpl().render(a_proof(), None)


def test_the_same_label_is_the_same_to_the_byte() -> None:
    assert LabelZpl().render(a_label(), BARCODE) == LabelZpl().render(a_label(), BARCODE)


def test_the_typeface_a_printer_is_given_is_ours() -> None:
    fonts = Path(__file__).parent.parent.parent / "pharmacy" / "gateways" / "fonts"

    for name in ("SourceSansPro-Regular.ttf", "SourceSansPro-Bold.ttf"):
        assert (fonts / name).read_bytes() in typeface_zpl()


# Names of many people and scripts, and marks that a printer might obey.
_FIRST = [
    "Anna",
    "José",
    "Łukasz",
    "Nguyễn",
    "Siobhán",
    "Jürgen",
    "Ελένη",
    "Дмитрий",
    "Çağrı",
    "Mary-Jane",
    "D’Angelo",
    "^FS",
    "~JA",
    "Ångström",
]
_LAST = [
    "Sample",
    "Ñuñez",
    "Żółć",
    "O’Brien",
    "Größe",
    "Παππά",
    "Щукин",
    "de_la_Cruz",
    "Smith^XZ",
    "Featherstonehaugh-Montgomery",
    "Li",
]


def random_labels(count: int) -> Iterator[tuple[LabelContent, str]]:
    """Labels of random patients with codes that this pharmacy signs; the seed is fixed and so can be repeated."""
    chance, codes = random.Random(20261124), LabelCodes(b"a key for two hundred labels")
    for _ in range(count):
        steps, capsules = chance.randint(1, 12), chance.randint(1, 300)
        step = chance.randint(1, steps)
        strength = chance.choice(["50 mcg", "0.5 mg", "1.5 mg", "3 mg", "4.5 mg"])
        taken = chance.randint(1, 3)
        take = f"take {taken} capsule{'s' if taken > 1 else ''} by mouth at bedtime."
        yield (
            a_label(
                patient=f"{chance.choice(_FIRST)} {chance.choice(_LAST)}",
                drug_and_strength=f"naltrexone {strength} capsule",
                directions=(
                    (f"Step {step} of {steps}, days {7 * step - 6} to {7 * step}:", take)
                    if chance.random() < 0.8
                    else sentences(3)
                ),
                purpose=chance.choice([None, "fibromyalgia", "Crohn's disease", "pain & fatigue"]),
                rx_number=f"{chance.randint(100_000, 999_999)}-{step}",
                quantity=f"{capsules} capsules",
                lot=f"B26{chance.randint(1, 12):02}{chance.randint(1, 28):02}-{chance.randint(1, 9999):04}",
                beyond_use=f"{chance.randint(1, 12):02}/{chance.randint(1, 28):02}/2027",
            ),
            codes.code_for(UUID(int=chance.getrandbits(128))),
        )


def _pdf_codes(pdf: bytes, dpi: int) -> list[tuple[str, ...]]:
    """What a decoder reads off each page at that resolution, turned by two degrees and slightly blurred."""
    document = pdfium.PdfDocument(pdf)
    pictures = [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]
    document.close()
    return [scanned(picture) for picture in pictures]


@pytest.mark.slow
@each_resolution
def test_two_hundred_labels_say_and_scan_what_the_books_say(dpi: int) -> None:
    for content, code in random_labels(200):
        pdf = LabelPdf().render(content, code)
        pages = read(pdf)
        panels = read_zpl(LabelZpl(dpi).render(content, code), dpi)

        for shown in (
            " ".join(page.flat_text for page in pages),
            " ".join(each.flat_text for each in panels),
        ):
            assert [text for text in texts_of(content) if text not in shown] == []
        assert [panel.barcodes for panel in panels] == [(code,)] * len(panels), content.patient
        assert _pdf_codes(pdf, dpi) == [(code,)] * len(pages), content.patient


@each_template
@each_resolution
def test_a_picture_of_every_template_is_kept_for_review(template: LabelTemplate, dpi: int) -> None:
    for name in ("one step", "three steps in one vial", "every warning", "a long name"):
        try:
            panels = zpl(LABELS[name], dpi, template)
        except LabelDoesNotFit:
            continue
        _keep(panels[0], f"{template}-{dpi}-{name.replace(' ', '-')}")
    assert any(OUTPUT.glob(f"{template}-{dpi}-*.png"))


def _keep(panel: ReadZpl, name: str) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    panel.picture.save(OUTPUT / f"{name}.png")
