"""`make catalogue`: the console's words, gathered from its sources into the catalogue of each other language.

A translation that is there stays; what nobody says any more is dropped; what is new has none yet, and a test asks
for it. The compiled form, which the application reads, is written beside.
"""

from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

_ROOT = Path(__file__).parent.parent
_CONSOLE = _ROOT / "pharmacy" / "web" / "console"
CATALOGUES = tuple(sorted((_ROOT / "pharmacy" / "web" / "translations").glob("*/LC_MESSAGES/messages.po")))
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_MARKS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def gathered() -> Catalog:
    """Everything that the console says, without translations."""
    said = Catalog(project="LDN pharmacy")
    found = extract_from_dir(str(_CONSOLE), method_map=_METHODS, keywords=_MARKS)
    for _, _, message, _, context in found:
        said.add(message, context=context)
    return said


def read(path: Path) -> Catalog:
    """The catalogue in that file, its language by the folder."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def bring_up_to_date(path: Path) -> int:
    """The catalogue has exactly what is said now, and is compiled; so many of its texts have no translation."""
    kept = read(path)
    kept.update(gathered(), no_fuzzy_matching=True, update_creation_date=False)
    kept.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, kept, no_location=True, sort_output=True, ignore_obsolete=True, width=110)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, kept)
    return sum(not is_translated(message) for message in kept if message.id)


def is_translated(message: Message) -> bool:
    """Whether each of its forms has a text."""
    told = message.string
    return bool(told) if isinstance(told, str) or told is None else all(told)


def main() -> None:
    """Say of each language how much is missing."""
    for path in CATALOGUES:
        print(f"{path.parent.parent.name}: {bring_up_to_date(path)} without translation")


if __name__ == "__main__":
    main()
