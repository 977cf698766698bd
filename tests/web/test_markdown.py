"""Organizers' texts as HTML: what they may do to a page, whatever they hold."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratings.web.parts.words.markdown import rendered

ALLOWED = {"p", "em", "strong", "a", "ul", "ol", "li", "code", "pre", "blockquote", "hr", "br"}
ALLOWED |= {"h3", "h4", "h5", "h6"}
PIECES = st.sampled_from(
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))", "[a](data:text/html,x)", "![p](https://example.org/p.png)",
        "[b](https://example.org '\" onclick=\"x')", "<https://example.org>", "<javascript:x>",
        "https://example.org/\"onmouseover=x", "# ", "\n\n", "- ", "`", "```", "> ", "*", "&#x6a;",
        "[c]: vbscript:x\n", "[c]", "\\", "<!-- ", "<?php", "<![CDATA[", "a",
    ]
)  # fmt: skip


class Tags(HTMLParser):
    """Collects every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@given(st.lists(PIECES | st.text(max_size=20), max_size=30).map("".join))
def test_no_text_makes_a_tag_or_an_address_that_acts(text: str) -> None:
    for tag, attributes in Tags(rendered(text)).tags:
        assert tag in ALLOWED
        assert set(attributes) <= ({"href", "title"} if tag == "a" else {"class", "start"})
        scheme = (attributes.get("href") or "").partition(":")[0].strip().lower()
        assert scheme not in ("javascript", "vbscript", "data", "file")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb\n\nc", "<p>a\nb</p>\n<p>c</p>"),
        ("# Big\n\n##### Small", "<h3>Big</h3>\n<h6>Small</h6>"),
        ("<b>x</b>", "<p>&lt;b&gt;x&lt;/b&gt;</p>"),
        ("www.example.org or a@example.org", "<p>www.example.org or a@example.org</p>"),
        ("", ""),
    ],
)
def test_what_is_written_is_what_is_shown(text: str, html: str) -> None:
    assert rendered(text).strip() == html
