"""The production shape is the shape of `make run`: held against config.py and against the supervisor.

No engine is needed for what is asked here; that the images start is asked on a machine that has one.
"""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from local.assets import FILES
from local.run import Doors, Pharmacy
from pharmacy.config import Config, Mode
from tests.documents import compose_file
from tests.documents.compose_file import ROOT, Unset
from tests.documents.markdown import fenced

CONFIG = (ROOT / "pharmacy" / "config.py").read_text(encoding="utf-8")
READ = {f"PHARMACY_{name}" for name in re.findall(r'env\.[a-z]+\(\s*"([A-Z_]+)"', CONFIG)}
OURS = ("migrate", "web", "worker", "beat")
KEPT_RUNNING = ("web", "worker", "beat")


@pytest.fixture
def dummy_values() -> dict[str, str]:
    values = {
        name: f"{name.lower().replace('_', '')}{'0' * 32}" for name in compose_file.required_variables()
    }
    return values | {"PHARMACY_ZONE": "America/New_York", "PHARMACY_PUBLIC_URL": "https://pharmacy.example"}


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[dict[str, tuple[str, ...]]]:
    """What `make run` runs, by name: the words after the Python that runs them."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        pharmacy = Pharmacy(
            root=ROOT, doors=Doors(web=door, page=door, mail=door), mail=tmp_path, environment={}
        )
        programs = (pharmacy.step("migrate"), pharmacy.web(), pharmacy.worker(), pharmacy.beat())
        yield {
            program.name: tuple(
                "0.0.0.0:8000" if word == f"fd://{door.fileno()}" else word for word in program.argv[1:]
            )
            for program in programs
        }


def _forget_our_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PHARMACY_")]:
        monkeypatch.delenv(name)


def test_the_commands_are_those_of_the_supervisor(
    supervised: dict[str, tuple[str, ...]], dummy_values: dict[str, str]
) -> None:
    services = compose_file.filled_in(dummy_values)["services"]

    commands = {name: tuple(services[name]["command"]) for name in OURS}

    assert commands == {name: ("python", *words) for name, words in supervised.items()}


@pytest.mark.parametrize("service", OURS)
def test_the_environment_describes_a_pharmacy_in_production(
    service: str, dummy_values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _forget_our_names(monkeypatch)
    for name, value in compose_file.filled_in(dummy_values)["services"][service]["environment"].items():
        monkeypatch.setenv(name, value)

    config = Config.from_env()

    assert config.mode is Mode.PRODUCTION
    assert config.mail_security == "starttls"


def test_every_setting_is_given_and_none_is_unknown() -> None:
    given = {name: set(compose_file.as_written()["services"][name]["environment"]) for name in OURS}

    assert len(READ) == len(fields(Config))
    assert given == dict.fromkeys(OURS, READ)


def test_no_variable_of_ours_is_asked_for_that_nobody_reads() -> None:
    asked = compose_file.required_variables() | compose_file.defaults()

    assert {name for name in asked if name.startswith("PHARMACY_")} <= READ


@pytest.mark.parametrize("name", sorted(compose_file.required_variables()))
def test_nothing_starts_without_a_value_that_only_the_pharmacy_knows(
    name: str, dummy_values: dict[str, str]
) -> None:
    del dummy_values[name]

    with pytest.raises(Unset, match=r"^[A-Z].{20,}\.$"):
        compose_file.filled_in(dummy_values)


def test_no_secret_has_a_default() -> None:
    secret = re.compile("PASSWORD|SECRET|KEY")

    defaults = {name: value for name, value in compose_file.defaults().items() if secret.search(name)}

    # A mail server may ask for no password, and there may be no text gateway; whatever is needed to start has none.
    assert defaults == {"PHARMACY_MAIL_PASSWORD": "", "PHARMACY_SMS_SECRET": ""}
    assert {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "PHARMACY_SECRET_KEY", "PHARMACY_AUDIT_KEY"} <= set(
        compose_file.required_variables()
    )


def test_the_servers_are_the_versions_that_are_tested_against(dummy_values: dict[str, str]) -> None:
    services = compose_file.filled_in(dummy_values)["services"]

    assert services["postgres"]["image"] == "postgres:18"
    assert services["redis"]["image"] == "redis:8"
    assert set(services) == {"postgres", "redis", *OURS}


def test_redis_writes_its_queue_to_disk_and_never_drops_from_it(dummy_values: dict[str, str]) -> None:
    command = " ".join(compose_file.filled_in(dummy_values)["services"]["redis"]["command"])

    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command
    assert "--requirepass redispassword" in command


def test_the_log_of_the_database_quotes_no_rows(dummy_values: dict[str, str]) -> None:
    command = compose_file.filled_in(dummy_values)["services"]["postgres"]["command"]

    assert command == ["postgres", "-c", "log_error_verbosity=terse"]


def test_what_must_outlive_a_container_lies_in_a_named_volume(dummy_values: dict[str, str]) -> None:
    read = compose_file.filled_in(dummy_values)

    mounted = {name: read["services"][name].get("volumes", []) for name in read["services"]}

    assert mounted.pop("postgres") == ["books:/var/lib/postgresql"]
    assert mounted.pop("redis") == ["queue:/data"]
    assert set(read["volumes"]) == {"books", "queue", "state"}
    # Heads of the audit trail, which must not lie in the database, and what beat remembers.
    assert mounted == {name: ["state:/var/lib/pharmacy"] for name in OURS}


@pytest.mark.parametrize("service", KEPT_RUNNING)
def test_nothing_runs_before_the_books_have_their_newest_form(service: str) -> None:
    waits_for = compose_file.as_written()["services"][service]["depends_on"]

    assert waits_for == {
        "migrate": {"condition": "service_completed_successfully"},
        "postgres": {"condition": "service_healthy"},
        "redis": {"condition": "service_healthy"},
    }


def test_the_migration_runs_once_and_only_waits_for_the_database() -> None:
    migrate = compose_file.as_written()["services"]["migrate"]

    assert migrate["restart"] == "no"
    assert migrate["depends_on"] == {"postgres": {"condition": "service_healthy"}}


def test_whoever_is_waited_for_can_tell_that_it_is_healthy() -> None:
    services = compose_file.as_written()["services"]

    checks = {name: services[name]["healthcheck"]["test"] for name in ("postgres", "redis", "web")}

    assert all(check[0] == "CMD" for check in checks.values())
    assert "/readyz" in checks["web"][-1]
    compile(checks["web"][-1], "healthcheck", "exec")


def test_the_paste_of_the_production_page_is_enough_to_start(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    paste = next(block for block in fenced(page, "sh") if ".env" in block)

    subprocess.run(["sh", "-euc", paste], cwd=tmp_path, check=True)

    lines = (tmp_path / ".env").read_text(encoding="utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines if line)
    assert compose_file.required_variables().keys() <= values.keys()
    assert values.keys() <= (compose_file.required_variables() | compose_file.defaults()).keys()
    secrets = [values[name] for name in values if name.endswith(("PASSWORD", "KEY"))]
    assert len(set(secrets)) == len(secrets)
    assert all(re.fullmatch("[0-9a-f]{64}", secret) for secret in secrets)
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0


class TestImage:
    """Dockerfile and .dockerignore, as far as they can be read."""

    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()

    def _copied(self) -> list[str]:
        """What is copied from the project, as it is named there."""
        copies = [line.split()[1:-1] for line in self.lines if line.startswith("COPY")]
        return [path for words in copies if not words[0].startswith("--from") for path in words]

    def test_every_file_it_is_made_of_exists(self) -> None:
        assert self._copied()
        assert [path for path in self._copied() if not (ROOT / path).exists()] == []

    def test_every_file_it_is_made_of_reaches_the_builder(self) -> None:
        rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        let_in = tuple(rule[1:] for rule in rules if rule.startswith("!"))

        assert "*" in rules
        assert [path for path in self._copied() if not path.startswith(let_in)] == []

    def test_secrets_and_data_do_not_reach_the_builder(self) -> None:
        rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        let_in = {rule[1:].partition("/")[0] for rule in rules if rule.startswith("!")}

        assert let_in == {"package.json", "package-lock.json", ".npmrc", "local", "requirements"} | {
            "pharmacy",
            "workers",
            "migrations",
        }

    def test_the_packages_are_those_of_the_hashed_lock(self) -> None:
        installs = [line for line in self.lines if "pip install" in line]
        lock = (ROOT / "requirements" / "production.txt").read_text(encoding="utf-8")

        assert len(installs) == 1
        assert "--require-hashes -r requirements/production.txt" in installs[0]
        assert "--hash=sha256:" in lock

    def test_it_is_built_from_the_python_that_is_tested_with(self) -> None:
        stages = [line for line in self.lines if line.startswith("FROM")]

        assert stages[-1] == "FROM python:3.11-slim"

    def test_it_does_not_run_as_root(self) -> None:
        users = [line.split()[1] for line in self.lines if line.startswith("USER")]

        assert users == ["pharmacy"]
        assert any("useradd" in line and "pharmacy" in line for line in self.lines)

    def test_the_state_folder_of_compose_belongs_to_its_user(self) -> None:
        state = compose_file.as_written()["x-pharmacy"]["environment"]["PHARMACY_STATE_DIR"]

        assert any("install --directory --owner=pharmacy" in line and state in line for line in self.lines)

    def test_what_the_browser_loads_is_named_in_one_place_only(self) -> None:
        text = "\n".join(self.lines)

        assert "prepare_assets(Path.cwd(), uv=[])" in text
        assert [file for file in FILES if Path(file).name in text] == []

    def test_the_typeface_of_the_labels_comes_along(self) -> None:
        fonts = ROOT / "pharmacy" / "gateways" / "fonts"

        assert "pharmacy/" in self._copied()
        assert len(list(fonts.glob("*.ttf"))) == 2
