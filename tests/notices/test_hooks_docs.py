"""The example of docs/api.md checks what the site sends, and nothing else."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils.timezone import now

from ratings.challenge.models import Challenge
from ratings.notices.delivering import deliver
from ratings.notices.hook_rules import BOTH_FOR, add_hook, rotate_secret, secrets_of, try_hook
from ratings.outbox.models import Hook
from tests.builders import build_challenge
from tests.outbox.receivers import HookReceiver, Posted

API = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
pytestmark = pytest.mark.django_db


@pytest.fixture
def verified() -> Callable[[str, dict[str, str], bytes], bool]:
    (example,) = re.findall(r"```python\n(import base64.*?)```", API, re.DOTALL)
    names: dict[str, Callable[[str, dict[str, str], bytes], bool]] = {}
    exec(example, names)
    return names["verified"]


@pytest.fixture
def challenge() -> Challenge:
    return build_challenge()


def tried(receiver: HookReceiver, hook: Hook) -> Posted:
    try_hook(hook, now())
    deliver(now)
    return receiver.posted[-1]


def test_the_example_knows_what_the_site_sent(
    hook_receiver: HookReceiver,
    challenge: Challenge,
    verified: Callable[[str, dict[str, str], bytes], bool],
) -> None:
    hook = add_hook(challenge, hook_receiver.url, ["submission.scored"], "ann", now())
    posted = tried(hook_receiver, hook)
    assert verified(hook.secret, posted.headers, posted.body)
    assert not verified(hook.secret, posted.headers, posted.body + b" ")
    late = posted.headers | {"webhook-timestamp": "1"}
    assert not verified(hook.secret, late, posted.body)
    before, after = hook.secret, rotate_secret(hook, "ann", now())
    both = tried(hook_receiver, Hook.objects.get())
    for secret in (before, after):
        assert verified(secret, both.headers, both.body)
    assert secrets_of(hook, now() + BOTH_FOR) == [after]
    assert not verified(after, posted.headers, posted.body)
