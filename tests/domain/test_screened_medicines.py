"""Opioids, antagonists and other medicines: by code, by name, and in free text."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacy.domain.screening import OpioidAnswer, screen
from pharmacy.domain.screening.catalogue import words_of
from pharmacy.domain.screening.statements import (
    Condition,
    OpioidStatement,
    Profile,
    Stated,
)
from tests.domain.plans import usual_plan
from tests.domain.screened import BLOCK, INFO, OVERRIDE, RULES, TODAY, WARN, coded, found, has, named


@pytest.mark.parametrize(
    ("agent", "days", "first"),
    [
        ("oxycodone IR", 10, date(2026, 3, 11)),
        ("tramadol", 10, date(2026, 3, 11)),
        ("methadone", 14, date(2026, 3, 15)),
        ("buprenorphine", 14, date(2026, 3, 15)),
        ("oxycodone ER", 14, date(2026, 3, 15)),
        ("Duragesic", 14, date(2026, 3, 15)),
        ("something from abroad", 14, date(2026, 3, 15)),
    ],
)
def test_dur_01_ldn_may_be_dispensed_from_the_end_of_the_washout(agent: str, days: int, first: date):
    took = OpioidStatement(answer=OpioidAnswer.YES, agent=Stated(text=agent), last_dose_on=date(2026, 3, 1))

    (finding,) = screen(Profile(on=TODAY, age=44, opioids=(took,)), usual_plan(), RULES)

    assert (finding.code, finding.severity) == ("S-OPIOID-RECENT", BLOCK)
    assert f"may be dispensed from {first.isoformat()}" in finding.because
    assert dict(finding.inputs)["washout_days"] == str(days)
    assert "S-OPIOID-RECENT" in found(opioids=(took,), on=first - timedelta(days=1))
    assert found(opioids=(took,), on=first) == {}


@pytest.mark.parametrize(
    ("agent", "on_the_12th"),
    [("oxycodone", {}), ("tramadol", {}), ("methadone", BLOCK), ("buprenorphine", BLOCK)],
)
def test_dur_01_on_the_twelfth_only_what_acts_long_still_blocks(agent: str, on_the_12th):
    took = OpioidStatement(answer=OpioidAnswer.YES, agent=Stated(text=agent), last_dose_on=date(2026, 3, 1))

    assert found(opioids=(took,)) == {"S-OPIOID-RECENT": BLOCK}
    expected = {"S-OPIOID-RECENT": on_the_12th} if on_the_12th else {}
    assert found(opioids=(took,), on=date(2026, 3, 12)) == expected


def test_an_opioid_without_the_day_of_its_last_dose_blocks_until_it_is_known():
    took = OpioidStatement(answer=OpioidAnswer.YES)

    (finding,) = screen(Profile(on=TODAY, age=44, opioids=(took,)), usual_plan(), RULES)

    assert (finding.severity, finding.where) == (BLOCK, ("opioid_last_14_days",))
    assert "14 days after it" in finding.because


def test_a_documented_exception_is_an_override_and_both_stay_on_record():
    took = OpioidStatement(
        answer=OpioidAnswer.YES,
        agent=Stated(text="oxycodone"),
        last_dose_on=date(2026, 3, 5),
        exception="one tablet after a dental visit; start at 0.5 mg",
    )

    (finding,) = screen(Profile(on=TODAY, age=44, opioids=(took,)), usual_plan(), RULES)

    assert (finding.code, finding.severity) == ("S-OPIOID-EXCEPTION", OVERRIDE)
    assert dict(finding.inputs)["exception"].startswith("one tablet")
    assert dict(finding.inputs)["may_be_dispensed_from"] == "2026-03-15"


# Ingredient codes of RxNorm, each with what it brings about when it is on the list of medicines.
BY_CODE = {
    "morphine": ("7052", {"S-OPIOID-CURRENT": BLOCK}),
    "oxycodone": ("7804", {"S-OPIOID-CURRENT": BLOCK}),
    "codeine": ("2670", {"S-OPIOID-CURRENT": BLOCK}),
    "fentanyl": ("4337", {"S-OPIOID-CURRENT": BLOCK}),
    "methadone": ("6813", {"S-OPIOID-CURRENT": BLOCK}),
    "alfentanil": ("480", {"S-OPIOID-CURRENT": BLOCK}),
    "tramadol": ("10689", {"S-OPIOID-CURRENT": BLOCK}),
    "hydrocodone": ("5489", {"S-OPIOID-CURRENT": BLOCK}),
    "hydromorphone": ("3423", {"S-OPIOID-CURRENT": BLOCK}),
    "oxymorphone": ("7814", {"S-OPIOID-CURRENT": BLOCK}),
    "meperidine": ("6754", {"S-OPIOID-CURRENT": BLOCK}),
    "levorphanol": ("6378", {"S-OPIOID-CURRENT": BLOCK}),
    "tapentadol": ("787390", {"S-OPIOID-CURRENT": BLOCK}),
    "sufentanil": ("56795", {"S-OPIOID-CURRENT": BLOCK}),
    "remifentanil": ("73032", {"S-OPIOID-CURRENT": BLOCK}),
    "opium": ("7676", {"S-OPIOID-CURRENT": BLOCK}),
    "dihydrocodeine": ("23088", {"S-OPIOID-CURRENT": BLOCK}),
    "heroin": ("3304", {"S-OPIOID-CURRENT": BLOCK}),
    "buprenorphine": ("1819", {"S-OPIOID-CURRENT": BLOCK}),
    "butorphanol": ("1841", {"S-OPIOID-CURRENT": BLOCK}),
    "nalbuphine": ("7238", {"S-OPIOID-CURRENT": BLOCK}),
    "pentazocine": ("8001", {"S-OPIOID-CURRENT": BLOCK}),
    "tianeptine": ("38252", {"S-OPIOID-CURRENT": BLOCK}),
    "loperamide": ("6468", {"S-LOPERAMIDE": WARN}),
    "diphenoxylate": ("3500", {"S-OPIOID-PERIPHERAL": OVERRIDE}),
    "eluxadoline": ("1653781", {"S-OPIOID-PERIPHERAL": OVERRIDE}),
    "dextromethorphan": ("3289", {"S-DEXTROMETHORPHAN": INFO}),
    "naloxone": ("7242", {"S-NALOXONE-KIT": WARN}),
    "nalmefene": ("31479", {"S-DUPLICATE-ANTAGONIST": BLOCK}),
    "naltrexone": ("7243", {"S-DUPLICATE-ANTAGONIST": BLOCK}),
    "methylnaltrexone": ("29899", {"S-OPIOID-IMPLIED": BLOCK}),
    "naloxegol": ("1551777", {"S-OPIOID-IMPLIED": BLOCK}),
    "naldemedine": ("1876597", {"S-OPIOID-IMPLIED": BLOCK}),
    "bupropion alone": ("42347", {}),
    # Salts, combinations and products lead to the same ingredients.
    "morphine sulfate": ("30236", {"S-OPIOID-CURRENT": BLOCK}),
    "acetaminophen / hydrocodone": ("214182", {"S-OPIOID-CURRENT": BLOCK}),
    "buprenorphine / naloxone": ("352364", {"S-OPIOID-CURRENT": BLOCK}),
    "morphine / naltrexone": ("866331", {"S-OPIOID-CURRENT": BLOCK, "S-DUPLICATE-ANTAGONIST": BLOCK}),
    "naltrexone 50 mg tablet": ("1483744", {"S-DUPLICATE-ANTAGONIST": BLOCK}),
    "bupropion / naltrexone": ("1551475", {"S-DUPLICATE-ANTAGONIST": BLOCK}),
    # Other rules by ingredient.
    "tacrolimus": ("42316", {"S-TRANSPLANT": OVERRIDE}),
    "ciclosporin": ("3008", {"S-TRANSPLANT": OVERRIDE}),
    "azathioprine": ("1256", {"S-TRANSPLANT": OVERRIDE}),
    "mycophenolic acid": ("7145", {"S-TRANSPLANT": OVERRIDE}),
    "mycophenolate mofetil": ("68149", {"S-TRANSPLANT": OVERRIDE}),
    "sirolimus": ("35302", {"S-TRANSPLANT": OVERRIDE}),
    "everolimus": ("141704", {"S-TRANSPLANT": OVERRIDE}),
    "thioridazine": ("10502", {"S-THIORIDAZINE": OVERRIDE}),
    "disulfiram": ("3554", {"S-DISULFIRAM": OVERRIDE}),
    "levothyroxine without Hashimoto": ("10582", {}),
    "lidocaine, which one public map calls azathioprine": ("6387", {"S-CODE-UNKNOWN": INFO}),
}


@pytest.mark.parametrize(("code", "expected"), BY_CODE.values(), ids=BY_CODE)
def test_a_coded_medicine_is_judged_by_what_is_in_it(code: str, expected):
    assert found(medicines=(coded(code),)) == expected


BY_NAME = {
    "Percocet": {"S-OPIOID-CURRENT": BLOCK},
    "Suboxone": {"S-OPIOID-CURRENT": BLOCK},
    "Apadaz": {"S-OPIOID-CURRENT": BLOCK},
    "kratom": {"S-OPIOID-CURRENT": BLOCK},
    "7-OH": {"S-OPIOID-CURRENT": BLOCK},
    "oliceridine": {"S-OPIOID-CURRENT": BLOCK},
    "Tylenol #3": {"S-OPIOID-CURRENT": BLOCK},
    "Lomotil": {"S-OPIOID-PERIPHERAL": OVERRIDE},
    "difenoxin": {"S-OPIOID-PERIPHERAL": OVERRIDE},
    "Contrave": {"S-DUPLICATE-ANTAGONIST": BLOCK},
    "Vivitrol": {"S-DUPLICATE-ANTAGONIST": BLOCK},
    "Lybalvi": {"S-DUPLICATE-ANTAGONIST": BLOCK},
    "Wellbutrin": {},
    "Narcan": {"S-NALOXONE-KIT": WARN},
    "Lucemyra": {"S-OPIOID-IMPLIED": BLOCK},
    "Delsym": {"S-DEXTROMETHORPHAN": INFO},
    "pembrolizumab": {"S-IMMUNE-THERAPY": INFO},
    "adalimumab": {"S-IMMUNE-THERAPY": INFO},
    "Protopic": {},
    "Nulojix": {"S-TRANSPLANT": OVERRIDE},
}


@pytest.mark.parametrize(("name", "expected"), BY_NAME.items(), ids=BY_NAME)
def test_a_medicine_coded_by_its_name_counts_like_a_code(name: str, expected):
    assert found(medicines=(named(name),)) == expected


def test_tramadol_lowers_the_seizure_threshold_besides():
    (finding,) = screen(Profile(on=TODAY, age=44, medicines=(coded("10689"),)), usual_plan(), RULES)

    assert "seizure" in finding.because


def test_loperamide_in_large_amounts_is_taken_like_an_opioid():
    assert found(medicines=(coded("6468", daily_dose_mg=Decimal(16)),)) == {"S-LOPERAMIDE": WARN}
    assert found(medicines=(coded("6468", daily_dose_mg=Decimal(17)),)) == {"S-LOPERAMIDE-HIGH": BLOCK}
    assert found(conditions=(has(Condition.LOPERAMIDE_MISUSE),)) == {"S-LOPERAMIDE-HIGH": BLOCK}


def test_ldn_from_elsewhere_is_a_warning_and_no_second_antagonist():
    assert found(medicines=(coded("7243", daily_dose_mg=Decimal("4.5")),)) == {"S-DUPLICATE-LDN": WARN}
    assert found(medicines=(coded("7243", daily_dose_mg=Decimal(50)),)) == {"S-DUPLICATE-ANTAGONIST": BLOCK}


FREE_TEXT = {
    "oxycodone 5 mg as needed": {"S-MEDICINE-OPIOID": WARN},
    "TraMADol 50 for my aunt Anna": {"S-MEDICINE-OPIOID": WARN},
    "Tylenol #3": {"S-MEDICINE-OPIOID": WARN},
    "Contrave": {"S-MEDICINE-DUPLICATE": WARN},
    "methylnaltrexone shots": {"S-MEDICINE-NAMED": WARN},
    "thioridazine 25 mg": {"S-MEDICINE-NAMED": WARN},
    "Imodium": {"S-MEDICINE-NAMED": WARN},
    "Robitussin DM": {"S-DEXTROMETHORPHAN": INFO},
    "sertraline 50 mg": {},
    "vitamin D": {},
}


@pytest.mark.parametrize(("text", "expected"), FREE_TEXT.items(), ids=FREE_TEXT)
def test_what_is_only_written_never_makes_more_than_a_warning(text: str, expected):
    assert found(medicines=(Stated(text=text),)) == expected


def test_what_is_found_in_words_repeats_nothing_the_patient_wrote():
    aunt = Stated(text="tramadol from my aunt Anna", where=("medicines", 1))

    (finding,) = screen(Profile(on=TODAY, age=44, medicines=(aunt,)), usual_plan(), RULES)

    assert "Anna" not in finding.because
    assert finding.where == ("medicines", 1)


@given(st.lists(st.text(max_size=40), max_size=6))
def test_no_free_text_ever_blocks(texts: list[str]):
    findings = found(medicines=tuple(Stated(text=text) for text in texts))

    assert set(findings.values()) <= {WARN, INFO}


@given(st.sampled_from(sorted(RULES.catalogue.by_name)), st.sampled_from(["", "take ", "10 mg of "]))
def test_every_name_of_the_catalogue_is_found_in_a_sentence(name: str, before: str):
    medicines = RULES.catalogue.named_in(f"{before}{name} daily")

    assert RULES.catalogue.by_name[name] in medicines
    assert " ".join(words_of(name)) == name
