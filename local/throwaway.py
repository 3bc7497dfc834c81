"""Folders for servers that live as long as one test run.

They lie directly under the temporary folder, because the servers' account must reach them.
Each is locked by the run it belongs to. A run that was killed leaves its folder unlocked, and
the next run ends the servers that are noted there.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local import leftovers

_PREFIX = "ldn-tests-"


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """A folder that is gone afterwards, with whatever servers still run in it."""
    end_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    folder.chmod(0o711)
    with (folder / "lock.new").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / "lock.new").rename(folder / "lock")  # Nobody ever sees it unlocked.
        try:
            yield folder
        finally:
            _clear(folder)
            end_abandoned()


def end_abandoned() -> int:
    """End the servers of runs that were killed, and delete their folders. How many folders there were."""
    abandoned = [
        folder for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*") if _is_abandoned(folder)
    ]
    for folder in abandoned:
        _clear(folder)
    return len(abandoned)


def _clear(folder: Path) -> None:
    leftovers.end(folder.rglob("*.started"), seconds=2)
    shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    """Ours, and not locked; a folder without a lock is being made this moment."""
    try:
        descriptor = os.open(folder / "lock", os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)
