"""The address in each e-mail by which its reader ends such messages: signed, so that nobody ends another's.

It names a patient and a channel and opens nothing. It never expires: a wish to stop is heard from any old message.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from uuid import UUID

from pharmacy.domain.notice_rules import Channel

_ID_BYTES, _SIGNATURE_BYTES = 16, 16
_LETTER = {Channel.EMAIL: b"e", Channel.SMS: b"s"}
_CHANNEL = {letter: channel for channel, letter in _LETTER.items()}


@dataclass(frozen=True, slots=True)
class StopCodes:
    """Makes and reads the codes."""

    key: bytes = field(repr=False)

    def code(self, patient_id: UUID, channel: Channel) -> str:
        said = _LETTER[channel] + patient_id.bytes
        return base64.urlsafe_b64encode(said + self._signature(said)).decode().rstrip("=")

    def read(self, code: str) -> tuple[UUID, Channel] | None:
        """Whom and which channel the code names; None when it was not made here."""
        try:
            # Lax decoding would let several codes mean one.
            whole = base64.b64decode(f"{code}{'=' * (-len(code) % 4)}", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        said, signature = whole[: 1 + _ID_BYTES], whole[1 + _ID_BYTES :]
        if not hmac.compare_digest(signature, self._signature(said)) or said[:1] not in _CHANNEL:
            return None
        return UUID(bytes=said[1:]), _CHANNEL[said[:1]]

    def _signature(self, said: bytes) -> bytes:
        return hmac.digest(self.key, b"stop-code\0" + said, hashlib.sha256)[:_SIGNATURE_BYTES]
