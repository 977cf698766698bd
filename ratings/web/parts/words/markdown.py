"""Organizers' texts as Markdown: paragraphs, emphasis, lists, links; never HTML of their own."""

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

# The headings of a page stand above those of a text on it.
LOWER_BY = 2


def _parser() -> MarkdownIt:
    """Return a parser that shows HTML as it was typed, and fetches no picture from elsewhere."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True}).enable("linkify")
    if parser.linkify is not None:  # whole addresses alone: "decode.py" is a file, not a host
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return parser.disable(["image", "html_block", "html_inline"])


_PARSER = _parser()


def rendered(text: str) -> SafeString:
    """Return a text of a definition file or an announcement as HTML that is safe in a page."""
    tokens = _PARSER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1:]) + LOWER_BY)}"
    html: str = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return mark_safe(html)
