"""Names of one release: the same by the same secret, others by another one."""

import hashlib
import hmac
import re
from base64 import b32encode

from hypothesis import given
from hypothesis import strategies as st

from ratings.anonymity.pseudonyms import new_secret, pseudonym

SECRET = "0f" * 32


@given(st.binary(min_size=16, max_size=16))
def test_a_name_is_the_beginning_of_an_hmac(identifier: bytes) -> None:
    digest = hmac.new(bytes.fromhex(SECRET), identifier, hashlib.sha256).digest()
    assert pseudonym(SECRET, identifier) == f"r{b32encode(digest)[:12].decode().lower()}"


def test_other_releases_have_other_names() -> None:
    one, two = new_secret(), new_secret()
    assert re.fullmatch(r"r[a-z2-7]{12}", pseudonym(one, b"rater"))
    assert pseudonym(one, b"rater") != pseudonym(two, b"rater") != pseudonym(two, b"another")
