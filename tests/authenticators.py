"""What people carry to prove themselves: a phone that shows codes, a device that holds a passkey."""

import hashlib
import json
import struct
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import cbor2
import pyotp
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

_PRESENT, _HOLDS_CREDENTIAL = 0x01, 0x40


def code_at(secret: str, now: datetime) -> str:
    """What an authenticator with that secret shows at that moment."""
    return pyotp.TOTP(secret).at(now)


@dataclass
class Device:
    """Holds one passkey and signs with it, as a browser hands it on."""

    origin: str = "http://localhost"
    signatures: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = b"the passkey of the tests"

    def make(self, asked: str) -> str:
        """The passkey, for what the server asked."""
        options = json.loads(asked)
        numbers = self.key.public_key().public_numbers()
        public = {
            1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big"),
        }  # fmt: skip
        credential = (
            bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cbor2.dumps(public)
        )
        said = self._data(options["rp"]["id"], _PRESENT | _HOLDS_CREDENTIAL) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer({"clientDataJSON": client, "attestationObject": attestation})

    def sign(self, asked: str) -> str:
        """The signature, for what the server asked."""
        options = json.loads(asked)
        self.signatures += 1
        said = self._data(options["rpId"], _PRESENT)
        client = self._client("webauthn.get", options["challenge"])
        signature = self.key.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": said, "signature": signature})

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, self.signatures)

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        whole: dict[str, Any] = {
            "id": bytes_to_base64url(self.credential_id),
            "rawId": bytes_to_base64url(self.credential_id),
            "type": "public-key",
            "response": {name: bytes_to_base64url(value) for name, value in response.items()},
        }
        return json.dumps(whole)
