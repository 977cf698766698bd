"""A letter as a mail server gets it: plain text in short lines, and headers of one line each."""

import textwrap
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

WIDTH = 72
LONGEST_SUBJECT = 150


@dataclass(frozen=True)
class Letter:
    """One mail to one address; `stop_url` leads to where its receiver switches such mail off."""

    to: str
    subject: str
    text: str
    stop_url: str = ""


def message_id(letter: UUID) -> str:
    """Return the Message-ID of a letter: the same each time that it is tried."""
    return f"<{letter}@{urlsplit(settings.SITE_ADDRESS).hostname}>"


def as_mail(letter: Letter, key: UUID, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """Return the mail; with one-click unsubscribing (RFC 8058) where it may be switched off."""
    headers = {"Message-ID": message_id(key), "Auto-Submitted": "auto-generated"}
    if letter.stop_url:
        headers["List-Unsubscribe"] = f"<{letter.stop_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return EmailMessage(
        one_line(letter.subject),
        wrapped(letter.text),
        to=[letter.to],
        headers=headers,
        reply_to=[settings.MAIL_REPLY_TO] if settings.MAIL_REPLY_TO else None,
        connection=connection,
    )


def one_line(text: str) -> str:
    """Return text as a header may have it: one line, no control or format characters."""
    spaced = " ".join(text.split())
    visible = "".join(c for c in spaced if not unicodedata.category(c).startswith("C"))
    return visible if len(visible) <= LONGEST_SUBJECT else visible[: LONGEST_SUBJECT - 1] + "…"


def wrapped(text: str) -> str:
    """Return text in lines of at most 72 characters; addresses stay whole."""
    return "\n".join(map(_filled, text.splitlines())) + "\n"


def _filled(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()))
    return "\n".join(
        textwrap.wrap(
            line,
            WIDTH,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        if " " in line.strip()
        else [line]
    )
