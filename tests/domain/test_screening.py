"""Every rule about the patient speaks when it should, as gravely as it should, and keeps silent otherwise."""

from dataclasses import replace

import pytest

from pharmacy.domain.findings import Finding
from pharmacy.domain.screening import screen, with_plan_findings
from pharmacy.domain.screening.doses import copies_found
from pharmacy.domain.screening.rules import TOLD_OF_ELSEWHERE
from pharmacy.domain.screening.statements import (
    CodeSystem,
    Condition,
    Excipient,
    Formula,
    Origin,
    Profile,
    Stated,
    Tag,
)
from tests.domain.plans import bedtime_plan, mg, usual_plan
from tests.domain.screened import BLOCK, INFO, OVERRIDE, RULES, TODAY, WARN, coded, found, has, named


def test_an_adult_of_whom_nothing_speaks_against_it_has_no_findings():
    assert found() == {}


BY_CONDITION = {
    Condition.ACUTE_HEPATITIS: {"S-LIVER-ACUTE": BLOCK},
    Condition.LIVER_FAILURE: {"S-LIVER-ACUTE": BLOCK},
    Condition.CIRRHOSIS: {"S-LIVER-IMPAIRED": OVERRIDE},
    Condition.LIVER_ENZYMES_RAISED: {"S-LIVER-IMPAIRED": OVERRIDE},
    Condition.RENAL_IMPAIRMENT_SEVERE: {"S-RENAL-SEVERE": WARN},
    Condition.PREGNANCY: {"S-PREGNANCY": OVERRIDE},
    Condition.BREAST_FEEDING: {"S-PREGNANCY": OVERRIDE},
    Condition.TRANSPLANT: {"S-TRANSPLANT": OVERRIDE},
    Condition.AUTOIMMUNE_DISEASE: {},
    Condition.HASHIMOTO: {},
    Condition.ALCOHOL: {"S-ALCOHOL": INFO},
    Condition.ALCOHOL_HEAVY: {"S-ALCOHOL-HEAVY": WARN},
    Condition.DEPRESSION: {"S-DEPRESSION": WARN},
    Condition.SUICIDALITY: {"S-DEPRESSION": WARN},
    Condition.OPIOID_USE_DISORDER: {"S-OPIOID-USE-DISORDER": BLOCK},
    Condition.LOPERAMIDE_MISUSE: {"S-LOPERAMIDE-HIGH": BLOCK},
    Condition.DRUG_SENSITIVITY: {},
}


@pytest.mark.parametrize("condition", Condition)
def test_every_condition_brings_about_what_it_should(condition: Condition):
    assert found(conditions=(has(condition),)) == BY_CONDITION[condition]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("K74.60", {"S-LIVER-IMPAIRED": OVERRIDE}),
        ("B17.10", {"S-LIVER-ACUTE": BLOCK}),
        ("N18.5", {"S-RENAL-SEVERE": WARN}),
        ("F11.20", {"S-OPIOID-USE-DISORDER": BLOCK}),
        ("Z94.0", {"S-TRANSPLANT": OVERRIDE}),
        ("Z33.1", {"S-PREGNANCY": OVERRIDE}),
        ("M79.7", {}),
    ],
)
def test_a_diagnosis_code_implies_its_condition(code: str, expected):
    stated = Stated(text=code, system=CodeSystem.ICD_10_CM, code=code)

    assert found(conditions=(stated,)) == expected


def test_a_condition_in_words_only_is_for_the_pharmacist_to_read():
    assert found(conditions=(Stated(text="expecting in May"),)) == {"S-CONDITION-WRITTEN": WARN}


@pytest.mark.parametrize(("age", "expected"), [(17, {"S-AGE-UNDER-18": OVERRIDE}), (18, {})])
def test_use_under_eighteen_needs_an_override(age: int, expected):
    assert found(age=age) == expected


def test_immunosuppression_against_an_autoimmune_disease_is_a_warning():
    against = (has(Condition.AUTOIMMUNE_DISEASE),)

    assert found(medicines=(coded("1256"),), conditions=against) == {"S-IMMUNOSUPPRESSANT": WARN}
    both = (*against, has(Condition.TRANSPLANT))
    assert found(medicines=(coded("1256"),), conditions=both) == {"S-TRANSPLANT": OVERRIDE}
    assert found(medicines=(named("belatacept"),), conditions=against) == {"S-TRANSPLANT": OVERRIDE}


def test_thyroid_hormone_in_hashimotos_thyroiditis_is_counselled():
    hashimoto = (Stated(text="E06.3", system=CodeSystem.ICD_10_CM, code="E06.3"),)

    (finding,) = screen(
        Profile(on=TODAY, age=44, medicines=(coded("10582"),), conditions=hashimoto), usual_plan(), RULES
    )

    assert (finding.code, finding.severity) == ("S-THYROID", INFO)
    assert "0.5 mg" in finding.because
    assert "TSH after 6 to 8 weeks" in finding.because


@pytest.mark.parametrize(
    "stated",
    [Stated(text="Naltrexone HCl"), coded("7243"), named("naltrexone")],
    ids=["words", "code", "name"],
)
def test_an_allergy_to_naltrexone_blocks(stated: Stated):
    assert found(allergies=(stated,)) == {"S-ALLERGY-NALTREXONE": BLOCK}


@pytest.mark.parametrize(
    ("allergy", "tag"),
    [
        ("lactose intolerance", Tag.LACTOSE),
        ("gelatine", Tag.GELATIN),
        ("red dye", Tag.DYE),
        ("FD&C Yellow 5", Tag.DYE),
        ("rice", Tag.RICE),
        ("wheat", Tag.GLUTEN),
    ],
)
def test_an_allergy_blocks_against_a_formula_that_holds_it_and_no_other(allergy: str, tag: Tag):
    stated = Stated(text=allergy, where=("allergies", 0))
    plain = Excipient(name="plain")
    for part in ("filler", "shell"):
        formula = replace(
            Formula(filler=plain, shell=plain), **{part: Excipient(name="it", tags=frozenset({tag}))}
        )
        (finding,) = screen(
            Profile(on=TODAY, age=44, allergies=(stated,), formula=formula), usual_plan(), RULES
        )
        assert (finding.code, finding.severity) == ("S-ALLERGY-EXCIPIENT", BLOCK)
        assert dict(finding.inputs)["part"] == part
    assert found(allergies=(stated,), formula=Formula(filler=plain, shell=plain)) == {}


def test_an_allergy_by_house_code_or_to_the_very_filler_blocks_too():
    gelatin = Stated(text="bovine products", system=CodeSystem.HOUSE, code="gelatin")

    assert found(allergies=(gelatin,)) == {"S-ALLERGY-EXCIPIENT": BLOCK}
    assert found(allergies=(Stated(text="microcrystalline cellulose"),)) == {"S-ALLERGY-EXCIPIENT": BLOCK}
    assert found(allergies=(Stated(text="penicillin"),)) == {}


def test_calcium_and_gel_formers_are_no_fillers_but_hypromellose_is_a_fine_shell():
    shell = Excipient(name="hypromellose", tags=frozenset({Tag.GELLING}))
    plain = Excipient(name="mannitol")

    assert found(formula=Formula(filler=plain, shell=shell)) == {}
    chalk = Excipient(name="calcium carbonate", tags=frozenset({Tag.CALCIUM}))
    assert found(formula=Formula(filler=chalk, shell=shell)) == {"S-FILLER-CALCIUM": BLOCK}
    gel = Excipient(name="hypromellose K4M", tags=frozenset({Tag.GELLING}))
    assert found(formula=Formula(filler=gel, shell=plain)) == {"S-FILLER-GELLING": BLOCK}


def test_other_orders_for_the_same_days_and_possible_matches_are_told():
    assert found(duplicate_orders=(Origin.RECORD,)) == {"S-DUPLICATE-ORDER": WARN}
    assert found(possible_matches=2) == {"S-PATIENT-MATCH": INFO}


def test_what_another_practice_wrote_is_told_as_a_code_and_no_word_of_theirs():
    theirs = coded("7804", "Percocet at night", origin=Origin.ELSEWHERE)

    (finding,) = screen(Profile(on=TODAY, age=44, medicines=(theirs,)), usual_plan(), RULES)

    assert (finding.code, finding.severity) == ("S-OPIOID-CURRENT", BLOCK)
    assert (finding.because, finding.where) == (TOLD_OF_ELSEWHERE, ())
    assert dict(finding.inputs)["stated"] == "Percocet at night"


def test_a_first_dose_over_one_and_a_half_milligrams_is_high_for_who_reacts_to_little():
    sensitive = Profile(on=TODAY, age=44, conditions=(has(Condition.DRUG_SENSITIVITY),))

    (finding,) = screen(sensitive, bedtime_plan(("2", 7), ("4", None)), RULES)

    assert (finding.code, finding.severity) == ("S-START-SENSITIVE", WARN)
    assert screen(sensitive, usual_plan(), RULES) == ()


@pytest.mark.parametrize(
    ("dose", "expected"),
    [
        ("4.5", []), ("22.4", []), ("22.5", [("S-HALF-A-TABLET", WARN)]), ("25", [("S-HALF-A-TABLET", WARN)]),
        ("45", [("S-ESSENTIALLY-A-COPY", BLOCK)]), ("50", [("S-ESSENTIALLY-A-COPY", BLOCK)]),
        ("55", [("S-ESSENTIALLY-A-COPY", BLOCK)]), ("55.001", []),
    ],
)  # fmt: skip
def test_what_is_sold_ready_made_is_not_compounded(dose: str, expected):
    findings = copies_found([mg(dose), mg(dose)], RULES)

    assert [(each.code, each.severity) for each in findings] == expected


def test_every_finding_names_the_version_of_its_rule_and_the_gravest_comes_first():
    raised = replace(RULES.rules["S-AGE-UNDER-18"], version=7, severity=BLOCK)
    rules = replace(RULES, rules={**RULES.rules, raised.code: raised})
    profile = Profile(on=TODAY, age=17, medicines=(Stated(text="tramadol"),))

    findings = screen(profile, usual_plan(), rules)

    assert [(each.code, each.severity, each.rule_version) for each in findings] == [
        ("S-AGE-UNDER-18", BLOCK, 7),
        ("S-MEDICINE-OPIOID", WARN, 1),
    ]


def test_the_findings_of_the_plan_are_sorted_in_with_the_versions_of_their_rules():
    of_plan = (Finding("D-DOSE-HIGH", OVERRIDE, ""), Finding("F-PLAN-ENDS", WARN, ""))
    screened = screen(Profile(on=TODAY, age=44, possible_matches=1), usual_plan(), RULES)

    together = with_plan_findings(screened, of_plan, RULES)

    assert [(each.code, each.rule_version) for each in together] == [
        ("D-DOSE-HIGH", 1),
        ("F-PLAN-ENDS", None),
        ("S-PATIENT-MATCH", 1),
    ]


def test_every_rule_has_a_source():
    assert all(rule.source for rule in RULES.rules.values())
    assert all(rule.version == 1 for rule in RULES.rules.values())
