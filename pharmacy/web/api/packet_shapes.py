"""What an inspector's packet is asked for by."""

from __future__ import annotations

from pharmacy.usecases.inspectors_packet import PacketSubject
from pharmacy.web.api.shapes import Asked
from pharmacy.web.fields import CalendarDay, Identifier, OneOf, Text
from pharmacy.web.packet_files import PacketForm


class PacketInput(Asked):
    """One thing by its id, or the first and last of at most 366 days; why; and the reader's password once more."""

    subject = OneOf(PacketSubject, required=True)
    subject_id = Identifier(load_default=None, allow_none=True)
    first_on = CalendarDay(load_default=None, allow_none=True)
    last_on = CalendarDay(load_default=None, allow_none=True)
    reason = Text(least=10, most=300, required=True)
    form = OneOf(PacketForm, load_default=PacketForm.PDF)
    signature = Text(
        most=1000, required=True, metadata={"description": "The password of whoever asks.", "writeOnly": True}
    )
