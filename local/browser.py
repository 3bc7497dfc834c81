"""The real browser that the tests drive: the machine's Chromium, found or installed.

Run before anything else by the machine's own Python, with its standard library only. A
browser of the test tool's own download is never used: it would be a second one to keep safe.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = (
    "--no-sandbox",  # Its sandbox does not work for root.
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

MISSING = (
    "The browser tests need Chromium, and none is installed: install the package `chromium` with your "
    "system's package manager (Debian: sudo apt-get install chromium), then run `make test` again."
)


class NoBrowser(Exception):
    """There is no Chromium, and we may not install one."""


def find_browser() -> str:
    """The path of the machine's Chromium. Raises NoBrowser with the sentence that helps."""
    for name in NAMES:
        found = shutil.which(name)
        if found and not _is_mere_pointer(Path(found)):
            return found
    raise NoBrowser(MISSING)


def installing() -> list[tuple[str, list[str]]]:
    """The commands that would install it, in order and each with what it is for; empty where we may not, or do not know how."""
    if shutil.which("apt-get") is None:
        return []
    before = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if before and (
        shutil.which("sudo") is None or subprocess.run([*before, "true"], capture_output=True).returncode
    ):
        return []
    apt = [*before, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y"]
    return [
        ("Reading the system's package lists", [*apt, "update"]),
        (
            "Installing Chromium",
            [*apt, "install", "--no-install-recommends", "chromium", "fonts-dejavu-core"],
        ),
    ]


def _is_mere_pointer(path: Path) -> bool:
    """Whether it is Ubuntu's script that only says where else a browser could be had."""
    with path.open("rb") as file:
        start = file.read(4096)
    return start.startswith(b"#!") and b"snap install" in start
