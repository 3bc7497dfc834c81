"""Doors are guarded, transactions end in one place, and what leaves for the queue names nobody."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from pharmacy import bootstrap
from pharmacy.app import create_app
from pharmacy.config import Config, ConfigError
from tests.architecture.source import ROOT, calls, modules, place, tree
from tests.books import config_for

PATIENT_WORDS = re.compile(
    r"patient|name|birth|phone|mail|address|drug|dose|allerg|medicine|opioid|purpose|plan", re.IGNORECASE
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application as it is served; nobody asks its books anything."""
    folder = tmp_path_factory.mktemp("state")
    pharmacy = bootstrap.build(config_for("postgresql+psycopg://nobody@/nowhere", folder))
    yield create_app(pharmacy)
    pharmacy.close()


def test_every_address_says_who_may_come_in(app: Flask) -> None:
    unguarded = []
    for rule in app.url_map.iter_rules():
        view = inspect.unwrap(app.view_functions[rule.endpoint])
        guarded = getattr(app.view_functions[rule.endpoint], "guard", None) or getattr(view, "guard", None)
        # Flask serves static files itself, and the description is a document about the doors.
        if not guarded and rule.endpoint not in {"static", "api-docs.openapi_json"}:
            unguarded.append(rule.rule)

    assert unguarded == []


def test_every_address_of_the_api_asks_for_a_scope_or_for_staff_or_says_why_not(app: Flask) -> None:
    guards = {
        rule.rule: app.view_functions[rule.endpoint].guard
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
    }

    assert {path for path, guard in guards.items() if guard.startswith("public")} == {
        "/api/v1/oauth/token", "/api/v1/oauth/revoke", "/api/v1/staff/sessions",
    }  # fmt: skip
    assert all(guard.startswith(("scope ", "staff", "public: ")) for guard in guards.values())


@pytest.mark.parametrize("folder", ["pharmacy", "workers"])
def test_transactions_end_in_one_place(folder: str) -> None:
    enders = [
        place(path, node)
        for path in modules(folder)
        if path != ROOT / "pharmacy/store/sessions.py"
        for name, node in calls(path)
        if name in {"commit", "rollback"}
    ]

    assert enders == []


def test_every_flush_says_why() -> None:
    for path in modules("pharmacy"):
        lines = path.read_text().splitlines()
        for name, node in calls(path):
            if name == "flush" and "session" in lines[node.lineno - 1]:
                assert "#" in lines[node.lineno - 1] + lines[node.lineno - 2], place(path, node)


def test_tasks_take_lists_of_ids_and_nothing_else() -> None:
    tasks = [
        (path, node)
        for path in modules("workers")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef)
        and any("task" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    assert len(tasks) >= 5

    for path, task in tasks:
        for argument in [*task.args.args, *task.args.kwonlyargs]:
            assert argument.arg.endswith("_ids"), place(path, task)
            assert ast.unparse(argument.annotation or ast.Constant(None)) == "list[str]", place(path, task)
            assert not PATIENT_WORDS.search(argument.arg), place(path, task)
        named = [ast.unparse(decorator) for decorator in task.decorator_list]
        assert any("name=" in each for each in named), f"{place(path, task)}: a renamed task orphans messages"


def test_nothing_but_a_topic_and_ids_is_handed_to_the_queue() -> None:
    sent = [
        (path, node)
        for path in modules("workers")
        for name, node in calls(path)
        if name in {"send_task", "delay", "apply_async"}
    ]
    assert [ast.unparse(node) for _, node in sent] == [
        "current_app.send_task(TASK_OF_TOPIC[topic], args=[ids])"
    ]


def test_a_configuration_complains_of_everything_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(Config.__dataclass_fields__):
        monkeypatch.delenv(f"PHARMACY_{name.upper()}", raising=False)
    monkeypatch.setenv("PHARMACY_DATABASE_URL", "sqlite://")
    monkeypatch.setenv("PHARMACY_SECRET_KEY", "short")
    monkeypatch.setenv("PHARMACY_MAIL_PORT", "post")
    monkeypatch.setenv("PHARMACY_ZONE", "America/Albany")
    monkeypatch.setenv("PHARMACY_MODE", "party")
    monkeypatch.setenv("PHARMACY_MAIL_SECURITY", "hope")

    with pytest.raises(ConfigError) as refusal:
        Config.from_env()

    for name in (
        "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "AUDIT_KEY", "MAIL_HOST", "MAIL_PORT", "PUBLIC_URL", "ZONE",
        "MODE", "MAIL_SECURITY",
    ):  # fmt: skip
        assert f"PHARMACY_{name}: " in str(refusal.value)


def test_neither_configuration_nor_pharmacy_shows_a_secret(app: Flask, tmp_path: Path) -> None:
    config = config_for("postgresql+psycopg://somebody:word@/books", tmp_path)

    for shown in (repr(config), repr(app.extensions["pharmacy"])):
        assert "a key of the tests" not in shown
        assert "somebody:word" not in shown
