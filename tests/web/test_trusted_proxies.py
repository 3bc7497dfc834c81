"""Whose address counts: the one that the outermost trusted proxy has seen, never one that a caller wrote."""

import pytest
from flask import Flask

from pharmacy.app import behind
from pharmacy.config import Config, ConfigError
from pharmacy.web.current import address_of_caller


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (0, "203.0.113.7", "10.0.0.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7, 10.0.0.8", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.9"),
        (1, "", "10.0.0.9"),
    ],
)
def test_a_caller_is_counted_by_the_address_that_our_outermost_proxy_has_seen(
    proxies: int, forwarded: str, counted: str
) -> None:
    app = behind(Flask("proxied"), proxies)
    app.add_url_rule("/", view_func=address_of_caller)

    answer = app.test_client().get(
        "/", headers={"X-Forwarded-For": forwarded}, environ_overrides={"REMOTE_ADDR": "10.0.0.9"}
    )

    assert answer.text == counted


@pytest.mark.parametrize("said", ["-1", "6", "all"])
def test_a_number_of_proxies_that_nobody_has_is_complained_of(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("PHARMACY_TRUSTED_PROXIES", said)

    with pytest.raises(ConfigError, match="PHARMACY_TRUSTED_PROXIES"):
        Config.from_env()
