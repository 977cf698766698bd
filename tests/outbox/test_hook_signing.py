"""Signatures of hooks, against the example that libraries of the specification are tried with."""

import hashlib
import hmac
from base64 import b64decode

import pytest

from ratings.outbox.hook_signing import new_secret, signature, signed_headers
from tests.builders import NOW

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_a_signature_is_the_specification_s() -> None:
    made = signature(SECRET, MESSAGE, 1614265330, b'{"test": 2432232314}')
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_each_secret_signs() -> None:
    kept = [new_secret(), new_secret()]
    assert kept[0] != kept[1] and {len(b64decode(one.removeprefix("whsec_"))) for one in kept} == {
        32
    }
    headers = signed_headers(kept, "msg_1", NOW, b"{}")
    assert headers["webhook-id"] == "msg_1"
    signed = f"msg_1.{headers['webhook-timestamp']}.{{}}".encode()
    for secret, made in zip(kept, headers["webhook-signature"].split(), strict=True):
        digest = hmac.new(b64decode(secret[6:]), signed, hashlib.sha256).digest()
        assert b64decode(made.removeprefix("v1,")) == digest


def test_what_is_no_secret_signs_nothing() -> None:
    with pytest.raises(ValueError, match="whsec_"):
        signature("abc", "msg_1", 0, b"")
