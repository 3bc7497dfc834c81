"""The queue of notices, uncertain ones first, and what a person decides about them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from pharmacy.domain.orders import Role
from pharmacy.store.pages import page_of
from pharmacy.usecases.notice_queue import queue_of, queue_shown
from pharmacy.usecases.settle_notice import Settlement, settle_notice
from pharmacy.web.api.notice_shapes import NoticePage, NoticesQuery, SettledOutput, SettlementInput
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.bookmarks import read_bookmark, sign_bookmark
from pharmacy.web.current import the_pharmacy
from pharmacy.web.guards import needs_staff
from pharmacy.web.staff_door import staff_reading, staff_writing

blueprint = Blueprint(
    "notice-queue", __name__, url_prefix="/api/v1/notices", description="The queue of notices"
)


@blueprint.get("")
@needs_staff()
@blueprint.arguments(NoticesQuery(), location="query")
@blueprint.response(200, NoticePage)
def listing(asked: dict[str, Any]) -> Any:
    """Notices in one state, a page at a time; that these patients were looked at is on record."""
    bookmark = read_bookmark(asked["page"])
    with staff_reading() as (session, _):
        page = page_of(session, queue_of(asked["state"]), asked["limit"], bookmark)
        shown = queue_shown(session, page.records)
    return {"notices": shown, "next_page": sign_bookmark(page.next_bookmark)}


@blueprint.post("/<uuid:notice_id>/settle")
@needs_staff(Role.TECHNICIAN, Role.PHARMACIST, Role.PHARMACIST_IN_CHARGE)
@blueprint.arguments(SettlementInput())
@blueprint.response(200, SettledOutput)
def settle(asked: dict[str, Any], notice_id: UUID) -> Any:
    """It arrived, or it is sent once more: only a person decides that, and it is on record."""
    settlement = Settlement(notice_id=notice_id, **asked)
    with staff_writing() as (session, actor):
        return settle_notice(session, settlement, by=actor, now=the_pharmacy().clock())
