"""A new wording of what patients consent to, in every language we write in; the old ones stay as they were read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from pharmacy.domain.actors import Actor
from pharmacy.domain.errors import Conflict, Unfit
from pharmacy.domain.label_phrases import Language
from pharmacy.store import audit, consents
from pharmacy.store.consents import ConsentText


@dataclass(eq=False)
class ConsentVersionTaken(Conflict):
    version: str

    def __str__(self) -> str:
        return f"The consent text {self.version} is on record already, and what was read is never changed."


@dataclass(eq=False)
class ConsentWordingMissing(Unfit):
    language: Language

    def __str__(self) -> str:
        return f"The consent text has no words in the language {self.language.value}."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsentText:
    """A version and its words in each language."""

    version: str
    wordings: Mapping[Language, str]


def add_consent_text(session: Session, new: NewConsentText, *, by: Actor, now: datetime) -> list[ConsentText]:
    """The text is on record in every language. Raises ConsentVersionTaken or ConsentWordingMissing."""
    if consents.has_version(session, new.version):
        raise ConsentVersionTaken(new.version)
    for language in Language:
        if not new.wordings.get(language, "").strip():
            raise ConsentWordingMissing(language, where=(f"wording_{language.value}",))
    rows = [
        ConsentText(
            version=new.version,
            language=language.value,
            wording=new.wordings[language].strip(),
            added_at=now,
            added_by=by.id,
        )
        for language in Language
    ]
    session.add_all(rows)
    # Nobody's in particular: it is on record under whoever added it.
    audit.record(session, "consent_text.added", by.id, by=by, at=now, version=new.version)
    return rows
