"""The typeface goes into a thermal printer once, by hand, whole; whoever names no such printer is told which there are."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pharmacy.cli import main
from pharmacy.gateways.label_zpl import typeface_zpl
from tests.gateways.printer_servers import obliging, printing, status

_SURROUNDINGS = {
    "PHARMACY_DATABASE_URL": "postgresql+psycopg://nobody@127.0.0.1:9/none",
    "PHARMACY_REDIS_URL": "redis://127.0.0.1:9/0",
    "PHARMACY_SECRET_KEY": "s" * 40,
    "PHARMACY_AUDIT_KEY": "a" * 40,
    "PHARMACY_MAIL_HOST": "127.0.0.1",
    "PHARMACY_MAIL_PORT": "9",
    "PHARMACY_PUBLIC_URL": "http://127.0.0.1:9",
}


def _told(folder: Path, port: int, *words: str) -> Result:
    printers = f"bench=zpl-203+tcp://127.0.0.1:{port} office=pdf+folder://{folder}"
    surroundings = _SURROUNDINGS | {"PHARMACY_STATE_DIR": str(folder), "PHARMACY_LABEL_PRINTERS": printers}
    return CliRunner().invoke(main, ["typeface", *words], env=surroundings)


def test_a_new_printer_gets_both_faces(tmp_path: Path) -> None:
    with printing(obliging()) as printer:
        told = _told(tmp_path, printer.port, "bench")

    assert (told.exit_code, told.output) == (0, "Printer bench has the typeface.\n")
    assert printer.labels == typeface_zpl()
    assert printer.labels.count(b"~DYE:LABEL") == 2


def test_a_printer_that_is_not_ready_has_nothing_and_says_so(tmp_path: Path) -> None:
    with printing(obliging(status(head_open=True))) as printer:
        told = _told(tmp_path, printer.port, "bench")

    assert told.exit_code == 1
    assert "Printer bench did not take it" in told.output
    assert printer.labels == b""


@pytest.mark.parametrize("named", [["office"], ["nowhere"], []])
def test_what_is_no_thermal_printer_is_told_which_there_are(tmp_path: Path, named: list[str]) -> None:
    told = _told(tmp_path, 9, *named)

    assert (told.exit_code, told.output) == (1, "Error: Name a thermal printer: bench.\n")


def test_it_can_be_written_to_a_file_for_other_ways_to_the_printer(tmp_path: Path) -> None:
    told = _told(tmp_path, 9, "--out", str(tmp_path / "typeface.zpl"))

    assert told.exit_code == 0, told.output
    assert (tmp_path / "typeface.zpl").read_bytes() == typeface_zpl()
