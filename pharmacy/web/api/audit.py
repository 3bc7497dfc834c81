"""The audit trail: read, and verified."""

from __future__ import annotations

from typing import Any

from pharmacy.domain.orders import Role
from pharmacy.store import audit as books
from pharmacy.store.pages import page_of
from pharmacy.store.waits import told_apart
from pharmacy.usecases.verify_audit import verify_audit
from pharmacy.web.api.audit_shapes import AuditPage, AuditQuery, TrailOutput
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_reading

blueprint = Blueprint("audit", __name__, url_prefix="/api/v1/audit", description="The audit trail")
_READERS = (Role.AUDITOR, Role.PHARMACIST_IN_CHARGE, Role.ADMINISTRATOR)


@blueprint.get("")
@needs_staff(*_READERS)
@blueprint.arguments(AuditQuery(), location="query")
@blueprint.response(200, AuditPage)
def listing(asked: dict[str, Any]) -> Any:
    """Entries, newest first."""
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        query = books.newest_first(subject_id=asked["subject_id"], actor_id=asked["actor_id"])
        page = page_of(session, query, asked["limit"], bookmark)
    return {"entries": page.records, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.get("/verify")
@needs_staff(*_READERS)
@blueprint.response(200, TrailOutput)
def verify() -> Any:
    """Every digest, head, signature and outside copy computed again; the first bad place first."""
    pharmacy = the_pharmacy()
    with staff_reading() as (_, actor):
        pass  # Verifying opens the books itself, for as long as it takes.
    with told_apart():
        return verify_audit(pharmacy.sessions, pharmacy.notary, by=actor, now=pharmacy.clock())
