"""Forms of pages: what a browser would send of one as it stands."""

import re


def sent_by(html: str) -> dict[str, str]:
    """Return what the page's form sends as it stands."""
    form = re.search(r"<form\s+class=\"(?:editor|form reading)[^>]*>(.*?)</form>", html, re.S)
    assert form
    found: dict[str, str] = {}
    for tag in re.finditer(r"<(input|textarea|select)([^>]*)>", form[1]):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag[2]))
        name = attributes.get("name", "")
        if tag[1] == "textarea":
            found[name] = _plain(form[1][tag.end() :].partition("</textarea>")[0].lstrip("\n"))
        elif tag[1] == "select":
            options = form[1][tag.end() :].partition("</select>")[0]
            chosen = re.search(r'value="([^"]*)"\s+selected', options)
            found[name] = chosen[1] if chosen else ""
        elif attributes.get("type") != "checkbox" or "checked" in tag[2]:
            found[name] = _plain(attributes.get("value", ""))
    found.pop("csrfmiddlewaretoken", None)
    return found


def _plain(text: str) -> str:
    for escaped, plain in (("&quot;", '"'), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(escaped, plain)
    return text.replace("&amp;", "&")
