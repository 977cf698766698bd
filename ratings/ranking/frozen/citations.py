"""How something is cited: a line to copy, BibTeX, and the Citation File Format. Pure functions.

Authors are taken as they are written, whole: nobody can tell a person's family name from a
conference's by looking at it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import yaml

from ratings.ranking.tables.tex_letters import escape_whole

CFF_VERSION = "1.2.0"
CFF_MESSAGE = "If you use these results, please cite them as below."
RESOLVER = "https://doi.org/"
SCHEMA = "https://schema.org"
# An operator or a name of one's own: CFF and schema.org then take a licence as a text.
_COMPOUND = re.compile(r"[ ()]|^LicenseRef-")


@dataclass(frozen=True)
class Citation:
    """What is cited. `key` names it in a file of references; what is "" is not known.

    `version` is the beginning of a ranking's digest; `license` an SPDX expression.
    """

    key: str
    title: str
    authors: Sequence[str]
    published: date
    url: str
    version: str = ""
    doi: str = ""
    license: str = ""

    @property
    def address(self) -> str:
        """Where it is found: a ranking at its own address, all else by its DOI if it has one."""
        return f"{RESOLVER}{self.doi}" if self.doi and not self.version else self.url


def citation_line(cited: Citation) -> str:
    """Return a reference as the APA's style has those of data sets (7th edition, 10.9)."""
    version = f" (Version {cited.version})" if cited.version else ""
    authors = _listed(cited.authors).rstrip(".")
    return (
        f"{authors}. ({cited.published.year}). {cited.title}{version} [Data set]. {cited.address}"
    )


def bibtex(cited: Citation) -> str:
    """Return a @misc entry, its letters as TeX sets them; addresses are verbatim."""
    fields = {
        "author": " and ".join(f"{{{_escaped(author)}}}" for author in cited.authors),
        "title": f"{{{_escaped(cited.title)}}}",
        "year": str(cited.published.year),
        "month": str(cited.published.month),
        "version": cited.version,
        "doi": cited.doi,
        "url": cited.url,
        "note": _escaped(f"Licence: {cited.license}") if cited.license else "",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{{cited.key},", *lines, "}", ""])


def _escaped(text: str) -> str:
    """Return a text as TeX sets it; BibTeX counts braces even after a backslash."""
    escaped = escape_whole(text)
    return escaped.replace(r"\{", r"\textbraceleft{}").replace(r"\}", r"\textbraceright{}")


def cff(cited: Citation) -> str:
    """Return a CITATION.cff of a data set (Citation File Format 1.2.0)."""
    fields = {
        "cff-version": CFF_VERSION,
        "message": CFF_MESSAGE,
        "type": "dataset",
        "title": cited.title,
        "authors": [{"name": author} for author in cited.authors],
        "date-released": cited.published,
        "version": cited.version,
        "doi": cited.doi,
        "license": "" if _COMPOUND.search(cited.license) else cited.license,
        "url": cited.url,
    }
    known = {name: value for name, value in fields.items() if value}
    text: str = yaml.safe_dump(known, sort_keys=False, allow_unicode=True, width=100)
    return text


def dataset_json(cited: Citation, description: str, facts: Mapping[str, object]) -> str:
    """Return what schema.org says of a data set, as JSON that may stand in a page's script.

    `facts` are more of its properties.
    """
    said = {
        "@context": SCHEMA,
        "@type": "Dataset",
        "name": cited.title,
        "description": description,
        "url": cited.url,
        "identifier": cited.address,
        "version": cited.version,
        "datePublished": cited.published.isoformat(),
        "creator": [{"@type": "Organization", "name": author} for author in cited.authors],
        "license": _license_address(cited.license),
        "isAccessibleForFree": True,
        **facts,
    }
    text = json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)
    # Nothing in it can end the script that it stands in.
    return text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e")


def _license_address(license: str) -> str:
    is_named = bool(license) and not _COMPOUND.search(license)
    return f"https://spdx.org/licenses/{license}" if is_named else license


def _listed(names: Sequence[str]) -> str:
    """Return names as APA lists them, up to 20, an ampersand before the last."""
    if len(names) > 20:
        return f"{', '.join(names[:19])}, . . . {names[-1]}"
    return ", & ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
