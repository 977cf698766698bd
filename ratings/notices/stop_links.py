"""Links at the end of letters that switch mail off, without signing in."""

from django.core.signing import BadSignature, Signer

from ratings.challenge.refusals import Refused

SALT = "ratings.notices.stop_links"  # renamed, it would void the links of all letters
SEP = "."


def stop_token(receiver: str) -> str:
    """Return what stands for a receiver in such a link, for as long as the site has its key."""
    return Signer(salt=SALT, sep=SEP).sign(receiver.replace(" ", "-"))


def receiver_of_token(token: str) -> str:
    """Return whose letters a token switches. Raises Refused, code "unknown-link"."""
    try:
        return Signer(salt=SALT, sep=SEP).unsign(token).replace("-", " ")
    except BadSignature as error:
        raise Refused(
            "unknown-link", "This link is not whole: take it from the mail again."
        ) from error
