"""What sending notices needs of the outside: who writes, by which gateways, and where the patients' pages are."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from pharmacy.domain.notice_texts import Sender
from pharmacy.usecases.ports import Mail, Sms
from pharmacy.usecases.reference import ReferenceShelf
from pharmacy.usecases.stop_codes import StopCodes


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDesk:
    """`sms` is None where no gateway is set up; `pages` is the address of the patients' pages, without a slash."""

    mail: Mail
    sms: Sms | None
    sender: Sender
    pages: str
    stop_codes: StopCodes
    shelf: ReferenceShelf
    zone: ZoneInfo

    def page(self, token: str) -> str:
        """The address of a private link."""
        return f"{self.pages}/{token}"
