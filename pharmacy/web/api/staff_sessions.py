"""Where a member of staff trades name and password for a key to the API, and gives it back."""

from __future__ import annotations

from typing import Any

from flask import Response

from pharmacy.store.waits import told_apart
from pharmacy.usecases.sign_in import SignedIn
from pharmacy.usecases.sign_in_at_once import Credentials, sign_in_at_once
from pharmacy.usecases.sign_in_policy import sign_in_policy
from pharmacy.usecases.sign_out import sign_out
from pharmacy.web.api.shapes import Blueprint
from pharmacy.web.api.staff_shapes import StaffSessionInput, StaffSessionOutput
from pharmacy.web.current import bearer_token, the_pharmacy
from pharmacy.web.guards import needs_staff, public
from pharmacy.web.staff_door import staff_writing

blueprint = Blueprint("staff-sessions", __name__, url_prefix="/api/v1/staff/sessions", description="Staff")


@blueprint.post("")
@public("here a member of staff proves who they are")
@blueprint.arguments(StaffSessionInput())
@blueprint.response(200, StaffSessionOutput)
@blueprint.alt_response(
    403, description="Name and password do not belong together, or a second factor is due."
)
@blueprint.alt_response(429, description="This name was tried too often.")
def come_in(asked: dict[str, Any]) -> Any:
    """A key for name, password and, where one is set up or due, the code of the second factor.

    It holds while it is used, and for twelve hours at most unless the house has set another limit.
    """
    pharmacy = the_pharmacy()
    with told_apart(), pharmacy.sessions.write() as session:
        who = Credentials(**asked)
        answer = sign_in_at_once(session, who, pharmacy.vault, by=pharmacy.clockwork, now=pharmacy.clock())
        idle = sign_in_policy(session).idle
    if not isinstance(answer, SignedIn):
        raise answer  # After the commit: a refusal is on record.
    return {
        "key": answer.key,
        "full_name": answer.member.full_name,
        "role": answer.member.role,
        "longest_idle_seconds": int(idle.total_seconds()),
    }


@blueprint.delete("/current")
@needs_staff()
@blueprint.response(204)
def leave() -> None:
    """The key that came along opens nothing any more."""
    with staff_writing() as (session, actor):
        sign_out(session, bearer_token() or "", by=actor, now=the_pharmacy().clock())


@blueprint.after_request
def never_kept(response: Response) -> Response:
    """Nobody between us and the member of staff keeps a key."""
    response.headers["Cache-Control"] = "no-store"
    return response
