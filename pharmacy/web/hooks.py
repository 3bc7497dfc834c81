"""What gateways hand over: text messages from patients, and messages that came back.

Each request is signed: `X-Timestamp` in seconds since 1970 and `X-Signature`, the hexadecimal HMAC-SHA256 of the
timestamp, a full stop and the body, with the secret that the gateway was given. A request that is older than five
minutes, or not signed so, is refused and nothing is read of it. A message handed over twice counts once.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, request

from pharmacy.domain.calendar import local_day
from pharmacy.store.waits import told_apart
from pharmacy.usecases.take_bounce import Bounce, take_bounce
from pharmacy.usecases.take_sms import ReceivedSms, take_sms
from pharmacy.web.api.shapes import Asked, StrictParser
from pharmacy.web.current import the_pharmacy
from pharmacy.web.fields import Text
from pharmacy.web.guards import Unauthenticated, public

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")
_SIGNED = "each request is signed by the gateway"
_FRESH = timedelta(minutes=5)
_LONGEST_TIMESTAMP = 12
_parser = StrictParser()


class SmsInput(Asked):
    """A text message: `id` is what the gateway calls it."""

    id = Text(most=200, required=True)
    sender = Text(most=25, required=True, data_key="from")
    body = Text(most=2000, required=True)


class BounceInput(Asked):
    """A message that came back: `id` is what the gateway called it when it took it."""

    id = Text(most=200, required=True)
    reason = Text(most=200, required=True)


def register(app: Flask) -> None:
    """The two doors for gateways."""
    app.register_blueprint(blueprint)


@blueprint.before_request
def _is_signed() -> None:
    """Unauthenticated unless the gateway signed this very body a short while ago."""
    pharmacy = the_pharmacy()
    stamp, signature = request.headers.get("X-Timestamp", ""), request.headers.get("X-Signature", "")
    is_number = stamp.isascii() and stamp.isdecimal() and len(stamp) <= _LONGEST_TIMESTAMP
    if pharmacy.sms_secret is None or not is_number:
        raise Unauthenticated
    due = sign(pharmacy.sms_secret, stamp, request.get_data())
    age = abs(pharmacy.clock() - datetime.fromtimestamp(int(stamp), UTC))
    if not hmac.compare_digest(due.encode(), signature.encode(errors="replace")) or age > _FRESH:
        raise Unauthenticated


def sign(secret: str, stamp: str, body: bytes) -> str:
    """The signature of a body at that moment."""
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


@blueprint.post("/sms")
@public(_SIGNED)
@_parser.use_args(SmsInput())
def sms(asked: dict[str, str]) -> Any:
    """A patient wrote: STOP, START, HELP and 1 are carried out at once, anything else is a task."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    received = ReceivedSms(
        provider_id=asked["id"],
        sender_phone=asked["sender"],
        wording=asked["body"],
        on=local_day(now, pharmacy.zone),
        house=pharmacy.sender,
    )
    with told_apart(), pharmacy.sessions.write() as session:
        reply = take_sms(session, received, by=pharmacy.clockwork, now=now)
    return {"reply": reply}


@blueprint.post("/bounces")
@public(_SIGNED)
@_parser.use_args(BounceInput())
def bounces(asked: dict[str, str]) -> Any:
    """A message came back: its channel is shut, and a person calls."""
    pharmacy = the_pharmacy()
    now = pharmacy.clock()
    bounce = Bounce(asked["id"], asked["reason"], local_day(now, pharmacy.zone))
    with told_apart(), pharmacy.sessions.write() as session:
        known = take_bounce(session, bounce, by=pharmacy.clockwork, now=now)
    return {"known": known}
