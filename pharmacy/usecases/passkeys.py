"""Passkeys (WebAuthn): a key in the person's device signs what the server asked, for this address and no other.

What is asked is kept with the sign-in and holds for one answer. A passkey proves what a code of the authenticator
proves; whoever has no script in the browser types the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import NotAllowed, NotFound, Unfit
from pharmacy.store import audit, second_factors, staff
from pharmacy.store.base import new_id
from pharmacy.store.second_factors import Passkey
from pharmacy.store.staff import StaffSession
from pharmacy.usecases.second_factor import ISSUER
from pharmacy.usecases.sign_in import hash_of

MOST_PASSKEYS = 10


@dataclass(eq=False)
class PasskeyRefused(NotAllowed):
    def __str__(self) -> str:
        return "That passkey does not hold here. Try again, or type a code."


@dataclass(eq=False)
class TooManyPasskeys(Unfit):
    def __str__(self) -> str:
        return f"{MOST_PASSKEYS} passkeys are enough: remove one first."


@dataclass(eq=False)
class PasskeyNotFound(NotFound):
    def __str__(self) -> str:
        return "There is no such passkey."


@dataclass(frozen=True, slots=True)
class Site:
    """The one address for which passkeys are made and asked."""

    origin: str
    host: str

    @classmethod
    def of(cls, public_url: str) -> Site:
        parts = urlsplit(public_url)
        return cls(origin=f"{parts.scheme}://{parts.netloc}", host=parts.hostname or "")

    @property
    def has_passkeys(self) -> bool:
        """Browsers make passkeys for names only, never for bare addresses of the network."""
        return not self.host.replace(".", "").isdecimal() and ":" not in self.host


@dataclass(frozen=True, slots=True)
class MadePasskey:
    """What the browser answers, as JSON, and how its owner calls it."""

    credential: str
    name: str


def offer_passkey(session: Session, key: str, site: Site, *, by: Actor, now: datetime) -> str:
    """What the browser makes a passkey from, as JSON; what is asked is kept with this sign-in."""
    known = second_factors.passkeys_of(session, by.id)
    if len(known) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    options = generate_registration_options(
        rp_id=site.host,
        rp_name=ISSUER,
        user_id=by.id.bytes,
        user_name=by.name,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each.credential_id) for each in known],
    )
    _its_sign_in(session, key).challenge = options.challenge
    return options_to_json(options)


def keep_passkey(
    session: Session, key: str, made: MadePasskey, site: Site, *, by: Actor, now: datetime
) -> Passkey:
    """The passkey that the browser made proves this person from now on. Raises PasskeyRefused."""
    sign_in = _its_sign_in(session, key)
    try:
        verified = verify_registration_response(
            credential=made.credential,
            expected_challenge=_spent(sign_in),
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except (WebAuthnException, ValueError):
        raise PasskeyRefused(where=("credential",)) from None
    kept = Passkey(
        id=new_id(),
        staff_member_id=by.id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=made.name or "Passkey",
        made_at=now,
    )
    session.add(kept)
    audit.record(session, "staff.passkey_added", by.id, by=by, at=now, name=kept.name)
    return kept


def ask_passkey(session: Session, key: str, site: Site, *, by: Actor, now: datetime) -> str:
    """What the browser has a passkey sign, as JSON; what is asked is kept with this sign-in."""
    options = generate_authentication_options(
        rp_id=site.host,
        allow_credentials=[
            PublicKeyCredentialDescriptor(id=each.credential_id)
            for each in second_factors.passkeys_of(session, by.id)
        ],
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    _its_sign_in(session, key).challenge = options.challenge
    return options_to_json(options)


def prove_passkey(
    session: Session, key: str, credential: str, site: Site, *, by: Actor, now: datetime
) -> PasskeyRefused | None:
    """This sign-in is whole from now on; or the refusal, which is on record and therefore returned."""
    sign_in = _its_sign_in(session, key)
    challenge = _spent(sign_in)
    try:
        answered = parse_authentication_credential_json(credential)
        known = second_factors.passkey_for_update(session, by.id, answered.raw_id)
        if known is None:
            raise ValueError
        verified = verify_authentication_response(
            credential=answered,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=known.public_key,
            credential_current_sign_count=known.sign_count,
        )
    except (WebAuthnException, ValueError):
        audit.record(session, "staff.passkey_refused", by.id, by=by, at=now)
        return PasskeyRefused(where=("credential",))
    known.sign_count, known.last_used_at = verified.new_sign_count, now
    if sign_in.proved_at is None:
        sign_in.proved_at = now
        audit.record(session, "staff.signed_in", by.id, by=by, at=now, factor="passkey")
    return None


def remove_passkey(session: Session, passkey_id: UUID, *, by: Actor, now: datetime) -> None:
    """That passkey of whoever asks proves nothing any more. Raises PasskeyNotFound."""
    if not second_factors.drop_passkey(session, by.id, passkey_id):
        raise PasskeyNotFound
    audit.record(session, "staff.passkey_removed", by.id, by=by, at=now)


def _its_sign_in(session: Session, key: str) -> StaffSession:
    sign_in = staff.session_for_update(session, hash_of(key))
    if sign_in is None:
        raise PasskeyRefused
    return sign_in


def _spent(sign_in: StaffSession) -> bytes:
    """What was asked; it is asked no more. Nothing was asked: nothing can be answered."""
    challenge, sign_in.challenge = sign_in.challenge, None
    return challenge or b"nothing was asked"
