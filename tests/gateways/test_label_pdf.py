"""Every label is read again: its text, its type sizes, its fonts and its bars."""

import re
import unicodedata
from dataclasses import fields

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharmacy.domain.errors import Unfit
from pharmacy.domain.labels import LabelContent
from pharmacy.gateways.label_layout import MOST_PANELS
from pharmacy.gateways.label_pdf import DRAFT, LabelPdf
from pharmacy.usecases.ports import LabelDoesNotFit, UnprintableCharacter
from tests.gateways.printed import (
    ALL_WARNINGS,
    BARCODE,
    ReadPanel,
    a_label,
    a_proof,
    printed,
    read,
    sentences,
)

# California: 16 CCR 1707.5. The rest: the smallest type that people read on a vial (house policy).
LEAST_CLUSTER_SIZE, LEAST_SIZE = 12, 6.5
LONG_NAME = "Maria Guadalupe Featherstonehaugh-Montgomery de la Cruz Ortiz"
BOTH_TIMES = "take 1 capsule by mouth in the morning and 2 capsules by mouth at bedtime."

LABELS = {
    "one step": a_label(),
    "three steps in one vial": a_label(directions=sentences(3), quantity="69 capsules"),
    "morning and bedtime": a_label(directions=("Step 2 of 3, days 8 to 14:", BOTH_TIMES)),
    "no steps, no purpose": a_label(directions=("Take 1 capsule by mouth at bedtime.",), purpose=None),
    "every warning": a_label(auxiliary=ALL_WARNINGS),
    "a long name": a_label(patient=LONG_NAME, prescriber=LONG_NAME),
    "a long name, morning and bedtime": a_label(
        patient=LONG_NAME, directions=("Step 2 of 3, days 8 to 14:", BOTH_TIMES)
    ),
    "nothing to warn of": a_label(auxiliary=()),
    "nine steps": a_label(directions=sentences(9), quantity="300 capsules"),
    "three steps, every warning": a_label(directions=sentences(3), auxiliary=ALL_WARNINGS),
    "a proof": a_proof(),
    "a proof of nine steps": a_proof(directions=sentences(9)),
}
each_label = pytest.mark.parametrize("content", LABELS.values(), ids=LABELS.keys())


def texts_of(content: LabelContent) -> list[str]:
    """Every text that the label must show."""
    texts: list[str] = []
    for field in fields(content):
        value = getattr(content, field.name)
        texts += [value] if isinstance(value, str) else value if isinstance(value, tuple) else []
    return texts


def cluster_texts(content: LabelContent) -> list[str]:
    purpose = [f"For: {content.purpose}"] if content.purpose else []
    return [content.patient, content.drug_and_strength, *content.directions, *purpose]


def small_text(panel: ReadPanel) -> str:
    return " ".join(run.text for run in panel.runs if run.size < LEAST_CLUSTER_SIZE)


@each_label
def test_every_field_can_be_read_on_the_label(content: LabelContent) -> None:
    shown = " ".join(panel.flat_text for panel in read(printed(content)))

    assert [text for text in texts_of(content) if text not in shown] == []


@each_label
def test_every_panel_names_patient_drug_prescription_lot_and_pharmacy(content: LabelContent) -> None:
    named = ("patient", "drug_and_strength", "rx_number", "beyond_use", "lot", "pharmacy_name")
    wanted = [getattr(content, name) for name in named if getattr(content, name) is not None]

    for panel in read(printed(content)):
        assert [text for text in wanted if text not in panel.flat_text] == []


@each_label
def test_patient_drug_directions_and_purpose_stand_in_twelve_point_type_in_this_order(
    content: LabelContent,
) -> None:
    panels = read(printed(content))

    large = [run.text for panel in panels for run in panel.runs if run.size >= LEAST_CLUSTER_SIZE]
    read_in_order = " ".join(text for text in large if text != DRAFT)
    if len(panels) == 1:
        assert read_in_order == " ".join(cluster_texts(content))
    for text in cluster_texts(content):
        assert text in read_in_order


@each_label
def test_nothing_but_the_four_stands_in_the_upper_half(content: LabelContent) -> None:
    for panel in read(printed(content)):
        intruders = [
            run for run in panel.runs if run.size < LEAST_CLUSTER_SIZE and run.top > panel.height / 2
        ]

        assert intruders == []


@each_label
def test_nothing_is_smaller_than_readable(content: LabelContent) -> None:
    assert min(run.size for panel in read(printed(content)) for run in panel.runs) >= LEAST_SIZE


@each_label
def test_nothing_is_cut_off_and_no_two_texts_overlap(content: LabelContent) -> None:
    for panel in read(printed(content)):
        runs = [run for run in panel.runs if run.text != DRAFT]
        assert all(run.left >= 4 and run.right <= panel.width - 4 for run in runs)
        assert all(run.bottom >= 3 and run.top <= panel.height - 3 for run in runs)
        for number, one in enumerate(runs):
            for other in runs[number + 1 :]:
                apart = one.right <= other.left + 0.1 or other.right <= one.left + 0.1
                # Half a point: the tail of a g may dip to where the next row's tall letters begin.
                above = one.bottom >= other.top - 0.5 or other.bottom >= one.top - 0.5
                assert apart or above, (one, other)


@each_label
def test_text_keeps_clear_of_the_bars_and_their_quiet_zone(content: LabelContent) -> None:
    pdf = pdfium.PdfDocument(printed(content))
    for page in pdf:
        boxes = [shape.get_bounds() for shape in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_PATH])]
        # The bars, or the frame that a proof keeps free for them; the rule is wider than both.
        left, bottom, _, top = min(boxes, key=lambda box: box[2] - box[0])
        words = [found.get_bounds() for found in page.get_objects(filter=[pdfium.raw.FPDF_PAGEOBJ_TEXT])]
        if content.is_proof:
            words = words[1:]  # The draft mark is meant to cross everything.

        assert [box for box in words if box[2] > left - 7 and box[1] < top and box[3] > bottom] == []
    pdf.close()


@each_label
def test_both_faces_travel_with_the_label_and_no_other_is_asked_for(content: LabelContent) -> None:
    for panel in read(printed(content)):
        assert panel.fonts == {("SourceSansPro-Regular", True), ("SourceSansPro-Bold", True)}
    assert b"Helvetica" not in printed(content)


@each_label
def test_a_label_made_again_is_the_same_to_the_byte(content: LabelContent) -> None:
    first = printed(content)
    printed(a_label(patient="Somebody Else"))

    assert printed(content) == first


@each_label
def test_a_label_is_four_by_two_inches(content: LabelContent) -> None:
    assert {(panel.width, panel.height) for panel in read(printed(content))} == {(288, 144)}


def test_the_barcode_of_every_panel_is_read_at_the_resolution_of_a_thermal_printer() -> None:
    for content in LABELS.values():
        if not content.is_proof:
            assert {panel.barcodes for panel in read(printed(content))} == {(BARCODE,)}


@pytest.mark.parametrize("code", ["7KQ3M9XA2B4C", "1", "0199e0f3-a1B2.c3D4_e5F6-9z", "0" * 40])
def test_codes_of_letters_and_digits_are_read_as_they_were_given(code: str) -> None:
    (panel,) = read(LabelPdf().render(a_label(), code))

    assert panel.barcodes == (code,)


def test_a_code_too_long_for_the_label_is_refused() -> None:
    with pytest.raises(LabelDoesNotFit, match="barcode"):
        LabelPdf().render(a_label(), "x" * 60)


def test_a_code_that_no_scanner_gives_back_is_refused() -> None:
    with pytest.raises(UnprintableCharacter) as refusal:
        LabelPdf().render(a_label(), "123é")

    assert (refusal.value.label_field, refusal.value.character) == ("barcode", "é")


def test_a_proof_says_that_it_is_one_and_has_nothing_to_scan() -> None:
    for panel in read(printed(a_proof())):
        assert DRAFT in panel.flat_text
        assert panel.barcodes == ()


def test_the_draft_mark_reaches_across_the_whole_face() -> None:
    (panel,) = read(printed(a_proof()))

    (mark,) = panel.runs_of(DRAFT)
    assert mark.right - mark.left > 0.8 * panel.width
    assert mark.top - mark.bottom > 0.8 * panel.height


def test_a_dispensing_label_never_carries_the_draft_mark() -> None:
    assert "DRAFT" not in read(printed(a_label()))[0].flat_text


def test_a_proof_with_a_barcode_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="barcode"):
        LabelPdf().render(a_proof(), BARCODE)


def test_a_dispensing_label_without_a_barcode_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="barcode"):
        LabelPdf().render(a_label(), None)


def test_three_steps_in_one_vial_fit_on_one_panel() -> None:
    assert len(read(printed(a_label(directions=sentences(3))))) == 1


def test_directions_for_nine_steps_are_shared_out_in_order_among_numbered_panels() -> None:
    panels = read(printed(a_label(directions=sentences(9))))

    marks = [re.findall(r"PANEL \d OF \d(?:, continued on panel \d)?", panel.flat_text) for panel in panels]
    assert marks == [
        ["PANEL 1 OF 3, continued on panel 2"],
        ["PANEL 2 OF 3, continued on panel 3"],
        ["PANEL 3 OF 3"],
    ]
    told = re.findall(r"Days \d+ to \d+: take", " ".join(panel.flat_text for panel in panels))
    assert told == [sentence.partition(" take")[0] + " take" for sentence in sentences(9)]


def test_an_announcement_stays_on_the_panel_of_what_it_announces() -> None:
    announced = [
        (f"Step {step} of 4, days {step} to {step}:", f"{BOTH_TIMES[:-1]} {step}.") for step in range(1, 5)
    ]
    content = a_label(directions=tuple(line for pair in announced for line in pair), purpose=None)

    for panel in read(printed(content)):
        for heading, sentence in announced:
            assert (heading in panel.flat_text) == (sentence in panel.flat_text)


def test_more_steps_than_any_label_holds_are_refused_by_name() -> None:
    with pytest.raises(LabelDoesNotFit) as refusal:
        printed(a_label(directions=sentences(MOST_PANELS * 5 + 1)))

    assert refusal.value.label_field == "directions"
    assert str(refusal.value) == "The label has no room for directions in readable type."


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("patient", "A" * 60),
        ("patient", "Anna " * 40),
        ("purpose", "fibromyalgia " * 30),
        ("prescriber", "Example " * 80),
        ("lot", "L" * 32 + "9" * 60),
        ("pharmacy_address", "1 Main Street, " * 60),
    ],
)
def test_a_field_that_does_not_fit_is_refused_and_named(field: str, text: str) -> None:
    with pytest.raises(LabelDoesNotFit) as refusal:
        printed(a_label(**{field: text}))

    assert isinstance(refusal.value, Unfit)
    assert refusal.value.label_field == field


@pytest.mark.parametrize(
    "name",
    [
        "Łukasz Żółć",
        "Nguyễn Thị Ánh",
        "Siobhán O’Brien-Ñuñez",
        "Jürgen Größe",
        "Ελένη Παππά",
        "Дмитрий Щукин",
        "Çağrı İş",
    ],
)
def test_names_keep_their_letters(name: str) -> None:
    (panel,) = read(printed(a_label(patient=name)))

    assert name in panel.flat_text


@pytest.mark.parametrize(
    ("field", "text", "character"),
    [
        ("patient", "محمد", "م"),
        ("patient", "王小明", "王"),
        ("patient", "Anna \U0001f600", "\U0001f600"),
        ("prescriber", "R.\u202eExample", "\u202e"),
        ("patient", "Anna\nSample", "\n"),
        ("purpose", "pain\x00", "\x00"),
        ("patient", "q\u0301", "\u0301"),
        ("auxiliary", "Zero\u200bwidth", "\u200b"),
    ],
)
def test_a_character_that_cannot_be_shown_is_refused_and_named(field: str, text: str, character: str) -> None:
    with pytest.raises(UnprintableCharacter) as refusal:
        printed(a_label(**{field: (text,) if field == "auxiliary" else text}))

    assert (refusal.value.label_field, refusal.value.character) == (field, character)
    assert f"U+{ord(character):04X}" in str(refusal.value)


def test_an_accent_written_apart_is_joined_to_its_letter() -> None:
    apart = unicodedata.normalize("NFD", "Zoë Ånström")

    assert printed(a_label(patient=apart)) == printed(a_label(patient="Zoë Ånström"))


def test_the_file_tells_nothing_about_the_patient_outside_the_page() -> None:
    pdf = pdfium.PdfDocument(printed(a_label()))

    told = " ".join(pdf.get_metadata_dict().values())
    pdf.close()
    assert "Anna" not in told
    assert "naltrexone" not in told


letters = st.text(
    st.sampled_from("abcdefghijklmnoprstuvwyzABCDEFGHIJKLMNOPRSTUVWYZ áéñöłżễΩЖ-'’"), min_size=1, max_size=60
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(patient=letters, prescriber=letters, purpose=letters)
def test_a_label_shows_all_of_a_name_or_is_refused(patient: str, prescriber: str, purpose: str) -> None:
    content = a_label(patient=f"x{patient}", prescriber=f"x{prescriber}", purpose=f"x{purpose}")

    try:
        panels = read(printed(content))
    except LabelDoesNotFit:
        return
    shown = panels[0].flat_text.replace(" ", "")
    for text in (content.patient, content.prescriber, content.purpose or ""):
        assert "".join(text.split()) in shown
