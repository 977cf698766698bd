"""The rating page's words: collected from code and templates, kept as .po, compiled to .mo.

`python -m frontend.messages` brings every language's files up to date: new words come in
untranslated, words that are gone go. What is missing then is printed.
"""

import io
import os
import sys
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ratings.settings")
ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "frontend" / "locale"
TEMPLATES = [ROOT / "frontend/templates/rate.html", ROOT / "frontend/templates/rate"]
SOURCES = [ROOT / "ratings/web/rating/rating_messages.py"]
KEYWORDS = {"gettext": None, "ngettext": (1, 2), "_": None}


class Words(Catalog):
    """A catalog whose header says nothing about when and by whom: equal words, equal files."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """The four lines that readers of the file need."""
        return [
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]


def collect() -> Catalog:
    """Return all words as they stand in the sources, without translations."""
    catalog = Catalog()
    for path in [*_templates(), *SOURCES]:
        text = path.read_text()
        if path.suffix == ".html":
            # It is read as Python, to which the indentation of HTML is none.
            text = "\n".join(line.lstrip() for line in templatize(text).splitlines())
        lines = extract("python", io.BytesIO(text.encode()), KEYWORDS)
        for _, message, _, _ in lines:
            catalog.add(message, locations=[(str(path.relative_to(ROOT)), 0)])
    return catalog


def _templates() -> list[Path]:
    whole, folder = TEMPLATES
    return [whole, *sorted(folder.glob("*.html"))]


def update(language: str) -> Words:
    """Return a language's words brought up to date with the sources."""
    path = po_path(language)
    kept = pofile.read_po(io.BytesIO(path.read_bytes() if path.exists() else b""))
    words = Words(locale=language, header_comment="", fuzzy=False)
    for message in collect():
        known = kept.get(message.id)
        if message.id:
            string = known.string if known else None
            words.add(message.id, string, message.locations, message.flags)
    return words


def missing(words: Words) -> list[str]:
    """Return what has no translation yet, or not in all its plural forms."""
    lacking = []
    for message in words:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(forms):
            lacking.append(str(message.id))
    return lacking


def written(words: Words) -> bytes:
    """Return the .po file."""
    file = io.BytesIO()
    pofile.write_po(file, words, width=100, sort_output=True, include_lineno=False)
    return file.getvalue()


def compiled(words: Words) -> bytes:
    """Return the .mo file: the same bytes for the same words."""
    file = io.BytesIO()
    mofile.write_mo(file, words)
    return file.getvalue()


def po_path(language: str) -> Path:
    """Return where a language's words are kept."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def languages() -> list[str]:
    """Return the languages that need translating: all but the one that the sources are in."""
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def main() -> None:
    """Bring all files up to date."""
    for language in languages():
        words = update(language)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(words))
        path.with_suffix(".mo").write_bytes(compiled(words))
        for message in missing(words):
            print(f"{language}: not translated: {message}", file=sys.stderr)


if __name__ == "__main__":
    main()
