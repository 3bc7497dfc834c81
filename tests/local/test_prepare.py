"""The set-up says in one sentence what the machine lacks, and does nothing twice."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from local import prepare
from local.assets import FILES, prepare_assets
from local.browser import find_browser
from local.steps import Refused, step

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose PATH holds nothing yet."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return programs


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def locks(root: Path) -> Path:
    """A project of which only the locks exist."""
    folder = root / "requirements"
    folder.mkdir()
    (root / ".venv").mkdir()
    for name in ("run", "dev"):
        (folder / f"{name}.txt").write_text(f"{name}==1.0\n")
    return folder


def test_without_python_make_says_what_is_needed() -> None:
    done = subprocess.run(
        ["make", "run", "PYTHON=no-such-python"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "Python 3.11 or newer is needed, and no-such-python is none" in done.stdout


@pytest.mark.usefixtures("bare")
def test_a_python_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))

    with pytest.raises(Refused, match=r"Python 3\.11 or newer is needed; .* is 3\.10\."):
        prepare.check_python()


def test_a_python_without_its_venv_is_told_which_package_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    with pytest.raises(Refused, match=r"apt-get install python3\.\d+-venv"):
        prepare.check_python()


@pytest.mark.usefixtures("bare")
def test_without_a_browser_that_may_be_installed_one_sentence_helps() -> None:
    with pytest.raises(Refused, match="install the package `chromium`"):
        prepare.prepare_browser()


def test_a_script_that_only_points_to_a_browser_is_none(bare: Path) -> None:
    pointer, real = bare / "chromium-browser", bare / "google-chrome"
    pointer.write_text("#!/bin/sh\necho 'run snap install chromium'\n")
    real.write_text("#!/bin/sh\n")
    for program in (pointer, real):
        program.chmod(0o755)

    assert find_browser() == str(real)


@pytest.mark.parametrize(("installed", "wanted"), [("run", "run"), ("dev", "dev"), ("dev", "run")])
def test_packages_of_an_unchanged_lock_are_not_installed_again(
    tmp_path: Path, installed: str, wanted: str
) -> None:
    lock = locks(tmp_path) / f"{installed}.txt"
    (tmp_path / ".venv" / "installed.json").write_text(json.dumps({installed: digest(lock)}))

    prepare.prepare_packages(tmp_path, wanted)  # There is no installer here: nothing was called.


@pytest.mark.parametrize(("installed", "wanted"), [("run", "dev"), ("none", "run")])
def test_packages_are_installed_when_something_is_missing(
    tmp_path: Path, installed: str, wanted: str
) -> None:
    locks(tmp_path)
    (tmp_path / ".venv" / "installed.json").write_text(json.dumps({installed: "0"}))

    with pytest.raises(Refused, match="The packages could not be installed"):
        prepare.prepare_packages(tmp_path, wanted)

    assert not (tmp_path / ".venv" / "installed.json").exists()


def test_unchanged_assets_are_not_fetched_again(tmp_path: Path) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text("{}")
    vendor = tmp_path / "pharmacy" / "web" / "static" / "vendor"
    vendor.mkdir(parents=True)
    for file in FILES:
        (vendor / Path(file).name).write_text(file)
    facts = {path.name: {"sha256": digest(path)} for path in vendor.iterdir()}
    (vendor / "manifest.json").write_text(json.dumps({"lock": digest(lock), "files": facts}))

    prepare_assets(tmp_path, uv=["/no/such/uv"])

    (vendor / "htmx.min.js").write_text("changed by somebody")
    with pytest.raises(FileNotFoundError):  # Now it would fetch, and this project has no package.json.
        prepare_assets(tmp_path, uv=["/no/such/uv"])


def test_a_failing_step_shows_its_last_words_and_the_sentence_that_helps(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(Refused, match="Check the connection"):
        step("Fetching", ["/bin/sh", "-c", "echo no route >&2; exit 1"], otherwise="Check the connection.")

    said = capsys.readouterr().out
    assert "· Fetching ..." in said
    assert "no route" in said


@pytest.mark.parametrize("name", ["dev", "run", "production", "uv", "node"])
def test_the_locks_carry_hashes_and_no_addresses(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()

    assert not [line for line in lines if "://" in line]
    assert all(line.endswith("\\") for line in lines if "==" in line and not line.lstrip().startswith("#"))


@pytest.mark.parametrize("name", ["run", "production"])
def test_what_is_run_is_what_was_tested(name: str) -> None:
    def pins(lock: str) -> set[str]:
        lines = (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and not line.startswith((" ", "#"))}

    assert pins(name) <= pins("dev")


def test_the_lock_of_the_browser_packages_carries_no_addresses() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert all("resolved" not in package for package in packages.values())
    assert all("integrity" in package for name, package in packages.items() if name)
