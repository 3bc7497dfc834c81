"""Where the servers' files lie, and as whom the servers run.

PostgreSQL refuses to run as root. Under root it therefore runs as `nobody`, whose files must
lie where `nobody` can get to. No folder is opened for that: where the project lies behind a
closed door (`/root`, say), the server's files go to a folder of their own under `/var/lib`.
An ordinary user runs everything as himself, in place.
"""

import hashlib
import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_OPEN_TO_ALL = 0o005  # Read and pass, for everybody.
_PASSABLE = 0o001
_DEEPEST = 85
"""Bytes of a socket folder's path that leave room for the socket's name."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a server runs as; None stands for the one who starts it."""

    uid: int | None
    gid: int | None

    def give(self, path: Path) -> None:
        """The path, and all below it, belongs to this account."""
        if self.uid is None or self.gid is None:
            return
        os.chown(path, self.uid, self.gid)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.chown(Path(folder) / name, self.uid, self.gid, follow_symlinks=False)


def account() -> Account:
    """`nobody` under root, otherwise oneself."""
    if os.geteuid() != 0:
        return Account(None, None)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def reachable(path: Path) -> bool:
    """Whether every folder above the path lets any account pass."""
    return all(parent.stat().st_mode & _PASSABLE for parent in path.resolve().parents)


def short_name(path: Path) -> str:
    """The same ten characters for the same path, for folders that need a short name."""
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:10]


def server_folder(wanted: Path) -> Path:
    """A folder that the server's account owns: `wanted`, or its stand-in where that is out of reach."""
    who = account()
    wanted.parent.mkdir(parents=True, exist_ok=True)
    place = wanted if who.uid is None or reachable(wanted) else stand_in(wanted)
    if not place.exists():
        place.mkdir(mode=0o700, parents=True)
        who.give(place)
    return place.resolve()


def stand_in(wanted: Path) -> Path:
    """Where the server's files lie when `wanted` is behind a closed door."""
    return Path("/var/lib") / f"ldn-pharmacy-{short_name(wanted)}"


def forget_server_folder(wanted: Path) -> None:
    """Delete what `server_folder` made, wherever it lies."""
    for place in (wanted, stand_in(wanted)):
        if place.exists():
            shutil.rmtree(place)


def socket_folder(home: Path) -> Path:
    """A private folder for a server's sockets, whose whole path must stay under 107 bytes.

    In the server's own folder, or, where that lies too deep, in a short one under the temporary
    folder. Raises PermissionError when somebody else has taken that one.
    """
    inside = home / "sockets"
    place = (
        inside
        if len(os.fsencode(inside)) <= _DEEPEST
        else Path(tempfile.gettempdir()) / f"ldn-{short_name(home)}"
    )
    who = account()
    try:
        place.mkdir(mode=0o700)
    except FileExistsError:
        pass  # Left by an earlier start, or taken by somebody: the owner tells.
    else:
        who.give(place)
    found = place.lstat()
    owner = os.geteuid() if who.uid is None else who.uid
    if place.is_symlink() or found.st_uid != owner or found.st_mode & 0o077:
        raise PermissionError(f"{place} belongs to somebody else; delete it or set TMPDIR to another folder.")
    return place


def package_folder(package: str) -> Path:
    """Where an installed package lies; it is not imported.

    Raises FileNotFoundError when it is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(
            f"The package {package} is not installed; `make run` and `make test` install it."
        )
    return Path(spec.submodule_search_locations[0])


def runnable(package: Path, program: str, home: Path) -> Path:
    """The program of a package, at a path from which the server's account can run it.

    In place where it can be reached, otherwise from a copy in `home`, together with the
    package's libraries, which lie beside the package (`<name>.libs`).
    """
    there = package / program
    if account().uid is None or (reachable(there) and there.stat().st_mode & _OPEN_TO_ALL == _OPEN_TO_ALL):
        return there
    copy = home / "programs" / f"{package.name}-{int(there.stat().st_mtime)}"
    if not copy.exists():
        fresh = copy.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(package, fresh / package.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        account().give(home / "programs")
        fresh.rename(copy)
    return copy / package.name / program
