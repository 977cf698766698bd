"""How something is cited, as a page says it."""

from ratings.ranking.frozen.citations import Citation, citation_line


def cite_context(cited: Citation, call: str) -> dict[str, object]:
    """Return what the part of a page about citing needs; `call` is the API's that says the same."""
    return {"cited": cited, "cited_line": citation_line(cited), "call": call}
