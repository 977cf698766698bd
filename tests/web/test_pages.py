"""The one form in which tests read pages drops what shows nothing, and nothing else."""

import pytest
from django.http import HttpResponse

from tests.web.pages import markup


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("<ul>\n  <li> One\n two </li>\n</ul>\n", "<ul><li>One two</li></ul>"),
        ('<a\n  class="x"\n  href="/"\n>Go</a>', '<a class="x" href="/">Go</a>'),
        ("<input\n  disabled\n>", "<input disabled>"),
        ("<rect /><rect/>", "<rect/><rect/>"),
        ("<button>\n  Go\n</button>", "<button>Go</button>"),
    ],
)
def test_what_shows_nothing_is_gone(sent: str, read: str) -> None:
    assert markup(HttpResponse(sent)) == read


@pytest.mark.parametrize(
    "sent",
    [
        "<p>One <b>two</b> <i>three</i></p>",
        "<p><b>two</b><i>three</i></p>",
        "<p>One <button>Go</button> two</p>",
        "<textarea>\n  One\n  two </textarea>",
        "<pre>\n  &lt;One&gt;  two </pre>",
        '<script id="x">{"a":  "<b>"}</script>',
        '<a title="One  &quot;two&quot; &#x27;">&lt;b&gt; &amp; c</a>',
        "<!DOCTYPE html><html><!-- One --></html>",
    ],
)
def test_what_shows_or_was_sent_stays(sent: str) -> None:
    assert markup(HttpResponse(sent)) == sent
