"""Bring the catalogues up to date with code and templates: `python -m stations.translations.extract`."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
METHODS = [("stations/**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def extract() -> Catalog:
    """Every sentence that is marked for translation."""
    found = Catalog()
    for folder in ("stations", "templates"):
        methods = [(pattern.split("/", 1)[1], method) for pattern, method in METHODS if pattern.startswith(folder)]
        for name, _line, message, _comments, _context in extract_from_dir(
            ROOT / folder, methods, keywords=KEYWORDS, options_map={"**.html": {"silent": "false"}}
        ):
            found.add(message, locations=[(f"{folder}/{name}", 0)])
    return found


def update() -> None:
    """Add new sentences to every catalogue, untranslated, and drop those that are gone."""
    for path in HERE.glob("*/LC_MESSAGES/messages.po"):
        with path.open("rb") as source:
            catalogue = read_po(source, locale=path.parent.parent.name)
        catalogue.update(extract(), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        with path.open("wb") as target:
            write_po(target, catalogue, width=120, sort_output=True, omit_header=False, no_location=True)


if __name__ == "__main__":
    update()
