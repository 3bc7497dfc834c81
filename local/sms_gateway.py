"""A gateway for text messages that sends nothing: it keeps each one, to be read in the mailbox.

What it takes is what a real gateway is asked by the pharmacy:

    POST /sms/messages
    Authorization: Bearer <PHARMACY_SMS_SECRET>
    Idempotency-Key: <key>
    {"to": "+15550100123", "from": "+15550100000", "body": "...", "reference": "<key>"}

It answers 201 with `{"id": "..."}`, and the same id to the same key without keeping the message again; 401 to another
secret, 400 to anything that is not such a message, 422 to a text of more than 160 characters.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.utils import formatdate
from threading import Lock

LONGEST_REQUEST = 10_000
LONGEST_TEXT = 160
_FIELDS = ("to", "from", "body", "reference")


class Gateway:
    """Keeps text messages by `put`, as messages that a mailbox can show."""

    def __init__(self, secret: str, put: Callable[[bytes], str]) -> None:
        self._secret = secret
        self._put = put
        self._taken: dict[str, str] = {}
        self._lock = Lock()

    def take(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one request."""
        given = {name.lower(): value for name, value in headers.items()}
        due = f"Bearer {self._secret}"
        if not self._secret or not hmac.compare_digest(given.get("authorization", "").encode(), due.encode()):
            return _said(401, error="Another secret is due.")
        message = _read(body)
        key = given.get("idempotency-key", "")
        if message is None or not key:
            return _said(400, error=f"A message has {', '.join(_FIELDS)}, and a key.")
        if len(message["body"]) > LONGEST_TEXT:
            return _said(422, error=f"A text has {LONGEST_TEXT} characters at most.")
        with self._lock:
            if key not in self._taken:
                self._taken[key] = self._put(_as_mail(message))
            return _said(201, id=self._taken[key])


def _read(body: bytes) -> dict[str, str] | None:
    try:
        message = json.loads(body)
    except ValueError:
        return None
    if not isinstance(message, dict) or not all(isinstance(message.get(name), str) for name in _FIELDS):
        return None
    # A line break in a number would be a header of its own.
    return None if any("\n" in message[name] or "\r" in message[name] for name in ("to", "from")) else message


def _as_mail(message: Mapping[str, str]) -> bytes:
    kept = EmailMessage()
    kept["From"], kept["To"], kept["Date"] = message["from"], message["to"], formatdate()
    kept["Subject"] = f"Text message, {len(message['body'])} characters"
    kept.set_content(message["body"])
    return kept.as_bytes()


def _said(status: int, **answer: str) -> tuple[int, bytes]:
    return status, json.dumps(answer).encode()
