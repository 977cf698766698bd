"""Requests of pages, and their markup in one form: white space that shows nothing is gone."""

import re
from html.parser import HTMLParser

from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ratings.challenge.models import Phase
from ratings.submissions.models import Submission
from tests.builders import PASSWORD

# Tags that stand in a line of text: a blank beside them shows. Beside all others it does not.
INLINE = {
    "a", "abbr", "b", "button", "code", "del", "em", "i", "img", "input", "ins", "kbd", "label",
    "mark", "output", "q", "s", "select", "small", "span", "strong", "sub", "sup", "svg",
    "textarea", "time", "u", "var",
}  # fmt: skip
# Within these every blank counts.
VERBATIM = {"pre", "textarea", "script", "style"}


class _Page(HTMLParser):
    """Writes a page again; entities and the values of attributes stay as they were sent."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts = [""]
        self.at_edge = True
        self.within: str | None = None

    def handle_starttag(self, tag: str, attrs: object) -> None:
        sent = re.sub(r'("[^"]*")|\s+', lambda m: m[1] or " ", self.get_starttag_text() or "")
        self._write_tag(re.sub(r" ?(/?>)$", r"\1", sent), is_edge=tag not in INLINE)
        self.at_edge |= tag == "button"
        if tag in VERBATIM:
            self.within = tag

    handle_startendtag = handle_starttag

    def handle_endtag(self, tag: str) -> None:
        self._write_tag(f"</{tag}>", is_edge=tag not in INLINE, trims=tag == "button")
        if tag == self.within:
            self.within = None

    def handle_data(self, data: str) -> None:
        if not self.within:
            data = re.sub(r"[ \t\n\r\f]+", " ", data)
            if self.at_edge or self.parts[-1].endswith(" "):
                data = data.removeprefix(" ")
        if data:
            self.parts.append(data)
            self.at_edge = False

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._write_tag(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._write_tag(f"<!{decl}>")

    def _write_tag(self, tag: str, *, is_edge: bool = True, trims: bool = False) -> None:
        if (is_edge or trims) and not self.within:
            self.parts[-1] = self.parts[-1].removesuffix(" ")
        self.parts.append(tag)
        self.at_edge = is_edge


def markup(response: HttpResponseBase) -> str:
    """Return a page's HTML in one form, with no-break spaces as plain ones.

    Blanks between words are one blank; those that show nothing, as beside a paragraph or within a
    tag, are gone.
    """
    page = _Page()
    page.feed(response.getvalue().decode())
    page.close()
    return "".join(page.parts).replace("\N{NO-BREAK SPACE}", " ")


def page(client: Client, path: str) -> str:
    """Return the markup of a page that is there."""
    response = client.get(path)
    assert response.status_code == 200
    return markup(response)


def queries(client: Client, path: str) -> int:
    """Return how many queries a page takes."""
    with CaptureQueriesContext(connection) as captured:
        page(client, path)
    return len(captured)


def desk(submission: Submission, rest: str = "") -> str:
    """Return the address of a submission at the desk."""
    return f"/desk/submissions/{submission.pk}/{rest}"


def act(client: Client, submission: Submission, what: str, note: str = "Loud fans") -> int:
    """Do something about a submission at the desk; return the answer's status."""
    return client.post(desk(submission, f"{what}/"), {"note": note}).status_code


def address(phase: Phase, rest: str = "") -> str:
    """Return the address of the pages that teams submit from."""
    return f"/{phase.challenge.slug}/submit/{rest}"


def sign_in(client: Client, phase: Phase, password: str = PASSWORD, name: str = "XVC") -> int:
    """Sign in as a team; return the answer's status."""
    body = {"name": name, "password": password}
    return client.post(address(phase, "sign-in/"), body).status_code
