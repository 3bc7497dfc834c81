"""The inspector's packet by the API: signed, on record, and for few."""

import io
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pypdfium2 as pdfium
from sqlalchemy import func, select

from pharmacy.bootstrap import Pharmacy
from pharmacy.domain.orders import Role
from pharmacy.store.audit import AuditEntry
from pharmacy.usecases.open_demo import DEMO_PASSWORD
from tests.callers import StaffApi
from tests.work import Work

_ASKED = {"subject": "days", "reason": "Yearly inspection.", "signature": DEMO_PASSWORD}


def _readings(pharmacy: Pharmacy) -> Any:
    with pharmacy.sessions.read() as session:
        return session.scalar(select(func.count()).where(AuditEntry.action == "packet.read"))


def test_the_packet_comes_as_one_pdf_or_as_csv_files_in_a_zip(
    staff_api: Callable[[Role], StaffApi], work: Work, pharmacy: Pharmacy
) -> None:
    number = work.order(work.submit()).number
    auditor = staff_api(Role.AUDITOR)

    paper = auditor.post("/packets", _ASKED)
    tables = auditor.post("/packets", {**_ASKED, "form": "csv"})

    pages = [page.get_textpage().get_text_range() for page in pdfium.PdfDocument(paper.data)]
    assert any(str(number) in page for page in pages)
    with zipfile.ZipFile(io.BytesIO(tables.data)) as archive:
        assert any(name.endswith("-orders.csv") for name in archive.namelist())
    assert paper.content_length == len(paper.data)
    assert _readings(pharmacy) == 2


def test_without_the_password_nothing_is_read(
    staff_api: Callable[[Role], StaffApi], pharmacy: Pharmacy
) -> None:
    refused = staff_api(Role.AUDITOR).post("/packets", {**_ASKED, "signature": "a guess"})

    assert refused.status_code == 422
    assert "nothing was signed" in refused.text
    assert _readings(pharmacy) == 0


def test_it_is_for_the_auditor_and_the_pharmacist_in_charge(staff_api: Callable[[Role], StaffApi]) -> None:
    assert staff_api(Role.PHARMACIST).post("/packets", _ASKED).status_code == 403


def test_what_is_not_there_and_what_is_not_named_are_told_apart(
    staff_api: Callable[[Role], StaffApi],
) -> None:
    auditor = staff_api(Role.AUDITOR)

    missing = auditor.post("/packets", {**_ASKED, "subject": "batch", "subject_id": str(uuid4())})
    unnamed = auditor.post("/packets", {**_ASKED, "subject": "batch"})

    assert (missing.status_code, unnamed.status_code) == (404, 422)
    assert "no such batch" in missing.text
