"""A printer takes a label, certainly does not, or nobody can know."""

from pathlib import Path
from uuid import UUID

import pytest

from pharmacy.gateways.label_printers import FolderPrinter, RawPrinter
from pharmacy.usecases.ports import PrintJob, Refused, Uncertain, Unreachable
from tests.gateways.printer_servers import (
    dripping,
    hanging_up_after_the_first_answer,
    obliging,
    printing,
    status,
)

JOB = PrintJob(key=UUID(int=7), content=b"^XA^FDlabel^FS^XZ\n")


def raw(port: int, limit_seconds: float = 5) -> RawPrinter:
    return RawPrinter(host="127.0.0.1", port=port, limit_seconds=limit_seconds)


def test_a_ready_printer_is_given_the_label_once() -> None:
    with printing(obliging()) as server:
        raw(server.port).take(JOB)

    assert server.labels == JOB.content


@pytest.mark.parametrize("fault", ["paper_out", "paused", "head_open"])
def test_a_printer_that_is_not_ready_is_given_nothing(fault: str) -> None:
    with printing(obliging(status(**{fault: True}))) as server, pytest.raises(Unreachable):
        raw(server.port).take(JOB)

    assert server.labels == b""


def test_a_printer_that_refuses_the_line_is_unreachable() -> None:
    with printing(obliging()) as server:
        port = server.port

    with pytest.raises(Unreachable):
        raw(port).take(JOB)


def test_a_silent_printer_is_given_nothing() -> None:
    with printing(obliging(answers=0)) as server, pytest.raises(Unreachable):
        raw(server.port, 0.3).take(JOB)

    assert server.labels == b""


def test_a_dripping_printer_is_left_when_the_time_is_over() -> None:
    with printing(dripping) as server, pytest.raises(Unreachable):
        raw(server.port, 0.4).take(JOB)


def test_a_printer_that_falls_silent_after_the_label_may_have_printed_it() -> None:
    with printing(obliging(answers=1)) as server, pytest.raises(Uncertain):
        raw(server.port, 0.4).take(JOB)

    assert server.labels == JOB.content


def test_a_printer_that_vanishes_during_the_label_may_have_printed_it() -> None:
    with printing(hanging_up_after_the_first_answer) as server, pytest.raises(Uncertain):
        raw(server.port).take(JOB)


def test_a_folder_holds_each_job_whole_and_once(tmp_path: Path) -> None:
    printer = FolderPrinter(tmp_path / "labels", "zpl")

    for content in (JOB.content, b"the same job again"):
        printer.take(PrintJob(key=JOB.key, content=content))

    (file,) = (tmp_path / "labels").iterdir()
    assert (file.name, file.read_bytes()) == (f"{JOB.key}.zpl", JOB.content)


def test_a_folder_that_is_a_file_is_out_of_reach(tmp_path: Path) -> None:
    (tmp_path / "labels").write_text("not a folder")

    with pytest.raises((Unreachable, Refused)):
        FolderPrinter(tmp_path / "labels", "pdf").take(JOB)
