"""The inspector's packet as a file: the reading is put on record, the file is written to disk, then sent.

Nothing is sent before it is whole, so a packet that could not be made is a refusal in words and no torn file; no
transaction is open while it travels, and the file goes when it has been sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from enum import StrEnum
from tempfile import TemporaryFile
from typing import IO

from flask import Response

from pharmacy.domain.actors import Actor
from pharmacy.domain.orders import Role
from pharmacy.gateways.packet_csv import CsvPacket
from pharmacy.gateways.packet_pdf import PdfPacket
from pharmacy.gateways.packet_text import Wording
from pharmacy.store.waits import told_apart
from pharmacy.usecases.inspectors_packet import PacketRequest, inspectors_packet
from pharmacy.web.current import the_pharmacy

PACKET_READERS = (Role.AUDITOR, Role.PHARMACIST_IN_CHARGE)
_PART = 64 * 1024


class PacketForm(StrEnum):
    PDF = "pdf"
    CSV = "csv"


_KINDS = {
    PacketForm.PDF: ("application/pdf", "pdf"),
    PacketForm.CSV: ("application/zip", "zip"),
}


def packet_answer(wanted: PacketRequest, form: PacketForm, *, by: Actor) -> Response:
    """The packet; that it is read stands on record already."""
    pharmacy = the_pharmacy()
    wording = Wording(pharmacy.zone)
    writer = (
        CsvPacket(wording)
        if form is PacketForm.CSV
        else PdfPacket(wording=wording, house=pharmacy.imprint.identity.name)
    )
    with ExitStack() as until_sent:
        written = until_sent.enter_context(TemporaryFile())
        with told_apart(), pharmacy.sessions.read() as session:
            packet = inspectors_packet(session, wanted, pharmacy.notary, by=by, now=pharmacy.clock())
            writer.write(packet.title, packet.told, packet.sections, written)
        # A refusal closes the file here; a packet keeps it until the answer is sent, or given up.
        closing = until_sent.pop_all()
    kind, ending = _KINDS[form]
    length = written.tell()
    response = Response(_parts(written), content_type=kind)
    response.content_length = length
    response.call_on_close(closing.close)
    response.headers["Content-Disposition"] = f'attachment; filename="packet-{wanted.subject}.{ending}"'
    return response


def _parts(written: IO[bytes]) -> Iterator[bytes]:
    written.seek(0)
    while part := written.read(_PART):
        yield part
