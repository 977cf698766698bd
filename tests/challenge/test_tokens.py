"""Bearer tokens: only their digest is kept."""

import re

import pytest

from ratings.challenge.access.tokens import issue_token, owner
from ratings.challenge.models import AccessToken
from tests.builders import build_organizer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("token", ["", "clic_", "\0", "\udcff", "clic_" + "A" * 43])
def test_what_was_never_issued_has_no_owner(token: str) -> None:
    issue_token(build_organizer(), "one")
    assert owner(token) is None


def test_a_token_names_its_owner_and_is_not_stored() -> None:
    user = build_organizer()
    token = issue_token(user, "one")
    assert re.fullmatch(r"clic_[A-Za-z0-9_-]{43}", token)
    assert owner(token) == user
    assert token not in str(AccessToken.objects.values().get())
    user.is_active = False
    user.save()
    assert owner(token) is None
