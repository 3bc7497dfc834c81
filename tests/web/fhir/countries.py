"""Requests as the systems of other countries write them: our own, after the profiles that each names.

Extensions, code systems and habits are those of the profile; medicine and people are ours, so that what is refused is
refused for what the profile says and not for the medicine. Beside each stands what becomes of it: an order, a
proposal for a pharmacist, or the places that must be named in the refusal.
"""

from collections.abc import Callable
from typing import Any

from tests.web.fhir.bodies import NALTREXONE, a_patient, a_request, a_transaction, dosage, quantity

ORDER, PROPOSAL = "an order", "a proposal"
SNOMED = "http://snomed.info/sct"
STEP = "MedicationRequest.dosageInstruction[0]"
Written = tuple[dict[str, Any], str | tuple[str, ...]]
COUNTRIES: dict[str, Written] = {}


def after(name: str, becomes: str | tuple[str, ...]) -> Callable[[Callable[[], dict[str, Any]]], Any]:
    def keep(write: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
        COUNTRIES[name] = (write(), becomes)
        return write

    return keep


def coded(system: str, code: str, display: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}], **more}


def one_step(**changes: Any) -> dict[str, Any]:
    return {**dosage(1, quantity("4.5", unit="mg"), 28), **changes}


def profiled(url: str, **fields: Any) -> dict[str, Any]:
    body = a_request(meta={"profile": [url]}, dosageInstruction=[one_step()])
    extensions = [*body["extension"], *fields.pop("extension", [])]
    return {**body, "extension": extensions, **fields}


@after("US Core: coded category, encounter, RxNorm with text", ORDER)
def us_core() -> dict[str, Any]:
    category = coded(
        "http://terminology.hl7.org/CodeSystem/medicationrequest-category", "outpatient", "Outpatient"
    )
    return profiled(
        "http://hl7.org/fhir/us/core/StructureDefinition/us-core-medicationrequest|6.1.0",
        category=[category],
        encounter={"reference": "Encounter/example-1", "display": "Office Visit"},
        reportedBoolean=False,
        reasonCode=[coded("http://hl7.org/fhir/sid/icd-10-cm", "M79.7", "Fibromyalgia")],
        requester={"reference": "#doctor", "display": "Dana Doctor"},
        dispenseRequest={"numberOfRepeatsAllowed": 3, "quantity": quantity("28", "{Capsule}")},
    )


@after("US Core: medication adherence and a medication that is contained", ORDER)
def us_core_contained() -> dict[str, Any]:
    adherence = {
        "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-medication-adherence",
        "extension": [
            {
                "url": "medicationAdherence",
                "valueCodeableConcept": coded(SNOMED, "1156699004", "Complies with"),
            },
            {"url": "dateAsserted", "valueDateTime": "2026-11-01T10:00:00-05:00"},
        ],
    }
    body = profiled("http://hl7.org/fhir/us/core/StructureDefinition/us-core-medicationrequest")
    body["extension"].append(adherence)
    body["contained"].append({"resourceType": "Medication", "id": "med2", "code": NALTREXONE})
    del body["medicationCodeableConcept"]
    return {**body, "medicationReference": {"reference": "#med2"}}


@after("US Core: reported by the patient", ("MedicationRequest.reported",))
def us_core_reported() -> dict[str, Any]:
    return profiled("http://hl7.org/fhir/us/core/StructureDefinition/us-core-medicationrequest", intent="order") | {
        "reportedBoolean": True
    }  # fmt: skip


@after("US, hospital: take home, every 24 hours, no time of day", (f"{STEP}.timing.repeat.when",))
def us_hospital() -> dict[str, Any]:
    repeat = {"boundsPeriod": {"start": "2026-11-20", "end": "2026-12-20"}, "frequency": 1, "period": 24.0}
    timing = {"repeat": {**repeat, "period": 24, "periodUnit": "h"}}
    return profiled("urn:example:hospital", dosageInstruction=[one_step(timing=timing)], priority="routine")


@after("US, retail: as a tablet number code", (f"{STEP}.doseAndRate[0].doseQuantity.code",))
def us_retail() -> dict[str, Any]:
    dose = {"value": 1, "unit": "tablet", "system": "http://unitsofmeasure.org", "code": "{tbl}"}
    return profiled("urn:example:retail", dosageInstruction=[one_step(doseAndRate=[{"doseQuantity": dose}])])


@after("UK Core: dm+d, repeat information, a role as requester, with its practitioner", ORDER)
def uk_core() -> dict[str, Any]:
    body = profiled(
        "https://fhir.hl7.org.uk/StructureDefinition/UKCore-MedicationRequest",
        identifier=[
            {"system": "https://fhir.nhs.uk/Id/prescription-order-item-number", "value": "a54219b8-f741"}
        ],
        courseOfTherapyType=coded("urn:x", "continuous", "Continuous"),
        requester={"reference": "#role"},
        dosageInstruction=[
            one_step(
                text="4.5 mg at bedtime",
                additionalInstruction=[coded(SNOMED, "418577003", "Take at regular intervals")],
                route=coded(SNOMED, "26643006", "Oral"),
                method=coded(SNOMED, "421521009", "Swallow"),
            )
        ],
        medicationCodeableConcept=coded(SNOMED, "373546002", "Naltrexone"),
    )
    repeats = {"url": "numberOfPrescriptionsIssued", "valueUnsignedInt": 1}
    repeats = {
        "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationRepeatInformation",
        "extension": [repeats],
    }
    body["extension"].append(repeats)
    role = {"resourceType": "PractitionerRole", "id": "role", "practitioner": {"reference": "#doctor"}}
    body["contained"].append(role | {"organization": {"display": "Surgery"}})
    return body


@after("UK: capsules by unit of product usage", ORDER)
def uk_capsules() -> dict[str, Any]:
    dose = {"value": 3, "unit": "capsule", "system": SNOMED, "code": "428641000"}
    return profiled(
        "https://fhir.nhs.uk/StructureDefinition/NHSDigital-MedicationRequest",
        medicationCodeableConcept=coded(SNOMED, "373546002", "Naltrexone 1.5mg capsules"),
        dosageInstruction=[one_step(doseAndRate=[{"doseQuantity": dose}])],
    )


@after(
    "UK: NHS number alone, nobody came along", ("MedicationRequest.subject", "MedicationRequest.requester")
)
def uk_by_number() -> dict[str, Any]:
    nhs = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9000000009"}
    body = profiled("https://fhir.nhs.uk/StructureDefinition/NHSDigital-MedicationRequest", contained=[])
    return {**body, "subject": {"identifier": nhs}, "requester": {"reference": "urn:uuid:56166769"}}


@after("UK: dispensing endorsements and a nominated performer", ORDER)
def uk_performer() -> dict[str, Any]:
    performer = {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "VNE51"}}
    dispense = {
        "performer": performer,
        "expectedSupplyDuration": quantity("28", "d"),
        "numberOfRepeatsAllowed": 0,
    }
    return profiled("urn:example:nominated", dispenseRequest=dispense)


@after(
    "UK: a site preference as extension of dispenseRequest", ("MedicationRequest.dispenseRequest.extension",)
)
def uk_site_type() -> dict[str, Any]:
    site = {"url": "https://fhir.nhs.uk/StructureDefinition/Extension-DM-PerformerSiteType"}
    return profiled("urn:example:eps", dispenseRequest={"extension": [site], "numberOfRepeatsAllowed": 0})


@after("AU Base: AMT, PBS, brand and interval extensions", ORDER)
def au_base() -> dict[str, Any]:
    base = "http://hl7.org.au/fhir/StructureDefinition/"
    interval = {"url": f"{base}minimum-interval-between-repeats", "valueDuration": quantity("20", "d")}
    name = {"url": f"{base}medication-generic-name", "valueString": "naltrexone"}
    concept = coded(SNOMED, "23628011000036109", "naltrexone hydrochloride")
    concept["coding"][0]["extension"] = [
        {"url": f"{base}medication-type", "valueCoding": {"code": "UPDSF", "system": "urn:y"}}
    ]
    return profiled(
        f"{base}au-medicationrequest", extension=[interval, name], medicationCodeableConcept=concept
    )


@after("AU: text alone", PROPOSAL)
def au_text() -> dict[str, Any]:
    return profiled(
        "http://hl7.org.au/fhir/core/StructureDefinition/au-core-medicationrequest",
        dosageInstruction=[
            {"text": "Take 1.5 mg at night for one week, then 3 mg", "patientInstruction": "At night"}
        ],
    )


@after("AU: authority, not subsidised, insurance", ("MedicationRequest.insurance",))
def au_insurance() -> dict[str, Any]:
    return profiled("urn:example:pbs", insurance=[{"reference": "Coverage/dva"}])


@after("KBV: dosage flag, co-payment, multiple prescription, insurance",
       (f"{STEP}.extension", "MedicationRequest.insurance", "MedicationRequest.dispenseRequest.quantity.code"))  # fmt: skip
def kbv() -> dict[str, Any]:
    base = "https://fhir.kbv.de/StructureDefinition/"
    flag = {"url": f"{base}KBV_EX_ERP_DosageFlag", "valueBoolean": True}
    copay = {
        "url": f"{base}KBV_EX_FOR_StatusCoPayment",
        "valueCoding": {"code": "1", "system": "urn:kbv:co"},
    }
    multiple = {
        "url": f"{base}KBV_EX_ERP_Multiple_Prescription",
        "extension": [{"url": "Kennzeichen", "valueBoolean": False}],
    }
    return profiled(
        f"{base}KBV_PR_ERP_Prescription|1.1.0",
        extension=[copay, multiple],
        insurance=[{"reference": "Coverage/1"}],
        dosageInstruction=[{"extension": [flag], "text": "0-0-0-1"}],
        dispenseRequest={"quantity": {"value": 1, "unit": "Packung"}},
        substitution={"allowedBoolean": True},
    )


@after("Germany: Naltrexon with a comma, in capsules", (f"{STEP}.doseAndRate[0].doseQuantity",))
def german_comma() -> dict[str, Any]:
    concept = coded("http://fhir.de/CodeSystem/ifa/pzn", "12345678", "Naltrexone 1,5 mg Kapseln")
    return profiled(
        "https://gematik.de/fhir/epa-medication/StructureDefinition/epa-medication-request",
        medicationCodeableConcept=concept,
        dosageInstruction=[one_step(doseAndRate=[{"doseQuantity": quantity("1", "{capsule}")}])],
    )


@after("Germany: evening, and an address abroad",
       (f"{STEP}.timing.repeat.when", "MedicationRequest.contained[0].address[0].country"))  # fmt: skip
def german_evening() -> dict[str, Any]:
    body = profiled("urn:example:dgmp", dosageInstruction=[dosage(1, quantity("4.5"), 30, "EVE")])
    home = {"line": ["Weg 1"], "city": "Berlin", "postalCode": "10115", "country": "DE"}
    body["contained"][0] = a_patient(address=[home])
    return body


@after("Netherlands: renewed agreement, period of use, no sequence", (f"{STEP}.sequence",))
def dutch() -> dict[str, Any]:
    base = "http://nictiz.nl/fhir/StructureDefinition/"
    period = {"url": f"{base}ext-TimeInterval.Period", "valuePeriod": {"start": "2026-11-20"}}
    return profiled(
        f"{base}mp-MedicationAgreement",
        extension=[period],
        dosageInstruction=[dosage(None, quantity("1.5"), 7), dosage(None, quantity("3"), 7)],
    )


@after("Netherlands: a stopped agreement", ("MedicationRequest.modifierExtension",))
def dutch_stop() -> dict[str, Any]:
    stop = {"url": "http://nictiz.nl/fhir/StructureDefinition/ext-StopType", "valueCodeableConcept": {}}
    return profiled("urn:example:mp9", modifierExtension=[stop])


@after("Switzerland: treatment plan, EDQM route, morning and evening",
       (f"{STEP}.timing.repeat.when", f"{STEP}.doseAndRate[0].doseQuantity.code"))  # fmt: skip
def swiss() -> dict[str, Any]:
    plan = {"url": "http://fhir.ch/ig/ch-emed/StructureDefinition/ch-emed-ext-treatmentplan"}
    tablet = {"value": 1, "unit": "Tablet", "system": SNOMED, "code": "732936001"}
    repeat = {
        "boundsPeriod": {"start": "2026-11-20"},
        "frequency": 2,
        "period": 1,
        "periodUnit": "d",
        "when": ["MORN", "EVE"],
    }
    return profiled(
        "http://fhir.ch/ig/ch-emed/StructureDefinition/ch-emed-medicationrequest",
        extension=[plan],
        dosageInstruction=[
            {
                "timing": {"repeat": repeat},
                "route": coded("urn:oid:0.4.0.127.0.16.1.1.2.1", "20053000", "Oral use"),
                "doseAndRate": [{"doseQuantity": tablet}],
            }
        ],
    )


@after("Switzerland: as needed, a range, words for the patient",
       (f"{STEP}.asNeededBoolean", f"{STEP}.doseAndRate[0].doseRange", f"{STEP}.timing"))  # fmt: skip
def swiss_as_needed() -> dict[str, Any]:
    length = {"low": quantity("2"), "high": quantity("5")}
    step = {
        "patientInstruction": "Bei Bedarf",
        "asNeededBoolean": True,
        "doseAndRate": [{"doseRange": length}],
    }
    return profiled("urn:example:ch-emed", dosageInstruction=[step])


@after("Switzerland: oral use by EDQM's words", ORDER)
def swiss_oral() -> dict[str, Any]:
    route = coded("urn:oid:0.4.0.127.0.16.1.1.2.1", "20053000", "Oral use")
    return profiled("urn:example:ch-emed", dosageInstruction=[one_step(route=route)])


@after("Norway: FEST, a rhythm of weeks", (f"{STEP}.timing.repeat.periodUnit",))
def norwegian() -> dict[str, Any]:
    step = one_step()
    step["timing"]["repeat"]["periodUnit"] = "wk"
    return profiled("http://ehelse.no/fhir/StructureDefinition/no-basis", dosageInstruction=[step])


@after("Finland: dose in pieces, a rhythm in words beside it",
       (f"{STEP}.timing.code.text", f"{STEP}.doseAndRate[0].doseQuantity.code"))  # fmt: skip
def finnish() -> dict[str, Any]:
    step = one_step(doseAndRate=[{"doseQuantity": {"value": 1, "unit": "kpl"}}])
    step["timing"]["code"] = {"text": "1 x 1"}
    return profiled("https://hl7.fi/fhir/finnish-base", dosageInstruction=[step])


@after("Denmark: effectuations, days of the week", (f"{STEP}.timing.repeat.dayOfWeek",))
def danish() -> dict[str, Any]:
    step = one_step()
    step["timing"]["repeat"]["dayOfWeek"] = ["mon", "thu"]
    return profiled("http://hl7.dk/fhir/core", dosageInstruction=[step])


@after("Sweden: text of dosing with structure that says another", ORDER)
def swedish() -> dict[str, Any]:
    return profiled("http://hl7.se/fhir/ig/base", dosageInstruction=[one_step(text="3 mg at bedtime")])


@after("France: rendered instruction, a count of takes", (f"{STEP}.timing.repeat.count",))
def french() -> dict[str, Any]:
    step = one_step()
    step["timing"]["repeat"]["count"] = 28
    shown = {
        "url": "https://hl7.fr/ig/fhir/medication/StructureDefinition/eu-rendered-instruction",
        "valueMarkdown": "x",
    }
    return profiled("https://hl7.fr/ig/fhir/medication", extension=[shown], dosageInstruction=[step])


@after("Canada: a taper with bounds as ranges", (f"{STEP}.timing.repeat.boundsRange",))
def canadian() -> dict[str, Any]:
    step = one_step()
    step["timing"]["repeat"]["boundsRange"] = {"low": quantity("7", "d"), "high": quantity("14", "d")}
    del step["timing"]["repeat"]["boundsDuration"]
    return profiled("http://fhir.infoway-inforoute.ca/StructureDefinition/ca-core", dosageInstruction=[step])


@after("IPS: detected issue, based on, history, a protocol", ("MedicationRequest.detectedIssue",))
def with_issue() -> dict[str, Any]:
    return profiled(
        "http://hl7.org/fhir/uv/ips/StructureDefinition/MedicationRequest-uv-ips",
        basedOn=[{"reference": "CarePlan/gpvisit"}],
        eventHistory=[{"reference": "#author"}],
        instantiatesUri=["http://example.org/protocol"],
        detectedIssue=[{"reference": "DetectedIssue/ddi"}],
    )


@after("IPS: based on, history, a protocol, kept as they were sent", ORDER)
def with_history() -> dict[str, Any]:
    return profiled(
        "http://hl7.org/fhir/uv/ips/StructureDefinition/MedicationRequest-uv-ips",
        basedOn=[{"reference": "CarePlan/gpvisit"}],
        eventHistory=[{"reference": "#author", "display": "Author's signature"}],
        instantiatesUri=["http://example.org/protocol"],
        recorder={"reference": "#doctor"},
        reasonReference=[{"reference": "Condition/f201", "display": "Fibromyalgia"}],
    )


@after("A renewal that names the earlier one", ("MedicationRequest.priorPrescription",))
def renewal() -> dict[str, Any]:
    return profiled("urn:example:renewal", priorPrescription={"reference": "MedicationRequest/medrx002"})


@after("Absent for a reason: status unknown by extension", ("MedicationRequest.status",))
def absent() -> dict[str, Any]:
    reason = {
        "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
        "valueCode": "asked-unknown",
    }
    body = profiled("urn:example:absent", _status={"extension": [reason]})
    del body["status"]
    return body


@after("A transaction with a role, an allergy and a medicine taken", ORDER)
def in_a_transaction() -> dict[str, Any]:
    bundle = a_transaction()
    role = {
        "resourceType": "PractitionerRole",
        "practitioner": {"reference": bundle["entry"][1]["fullUrl"]},
        "specialty": [coded(SNOMED, "394814009", "General practice")],
    }
    allergy = {
        "resourceType": "AllergyIntolerance",
        "patient": {"reference": bundle["entry"][0]["fullUrl"]},
        "code": coded(SNOMED, "716186003", "No known allergy"),
    }
    for number, resource in enumerate((role, allergy), start=7):
        address = f"urn:uuid:4d671a64-40d5-491e-99b0-da01ff1f334{number}"
        sent = {"method": "POST", "url": resource["resourceType"]}
        bundle["entry"].append({"fullUrl": address, "resource": resource, "request": sent})
    request = bundle["entry"][2]["resource"]
    request["requester"] = {"reference": bundle["entry"][3]["fullUrl"]}
    request["supportingInformation"] = [{"reference": bundle["entry"][4]["fullUrl"]}]
    return bundle
