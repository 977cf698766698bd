"""The desk's page on what raters say: flags by crop, decisions, and texts that stay texts."""

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.comparisons.models import Comment, Crop, Rater, Study, TrialFlag
from ratings.comparisons.raters.privacy import erase_rater
from ratings.comparisons.trials.scheduling import issue
from ratings.comparisons.voices.flagging import Said, flag
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_filled_study, build_rater
from tests.web.pages import page

pytestmark = pytest.mark.django_db

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(autouse=True)
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


@pytest.fixture
def study() -> Study:
    return build_filled_study(methods=2, pictures=1, crops_per_picture=1, voices={"pause_after": 2})


def flagged_by(study: Study, text: str = "") -> Rater:
    rater = build_rater(study)
    (trial,) = issue(rater, 1, NOW, np.random.default_rng(1))
    flag(trial.pk, [rater.pk], Said("missing", text, NOW))
    return rater


def path(study: Study) -> str:
    return f"/desk/studies/{study.slug}/voices/"


def test_nothing_said_is_said(client: Client, study: Study) -> None:
    html = page(client, path(study))
    assert "No rater has flagged anything." in html
    assert "No rater has written a comment." in html
    assert path(study) in page(client, f"/desk/studies/{study.slug}/")


def test_flags_and_comments_are_texts_and_nothing_else(client: Client, study: Study) -> None:
    rater = flagged_by(study, EVIL)
    Comment.objects.create(rater=rater, text=EVIL, written_at=NOW)
    html = page(client, path(study))
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2
    assert "a picture is missing or broken" in html
    assert "method-0" in html
    erase_rater(rater)
    assert "alert" not in page(client, path(study))
    assert TrialFlag.objects.count() == 1  # the flag itself leads to nobody


def test_a_paused_crop_alarms_the_desk_until_it_is_decided(
    client: Client, study: Study, organizer: User
) -> None:
    flagged_by(study)
    assert "paused" not in page(client, "/desk/")
    flagged_by(study)
    assert "1 crop is paused. See what raters said is wrong, and decide." in page(client, "/desk/")
    crop = Crop.objects.get(study=study)
    html = page(client, path(study))
    assert "paused Tue" in html
    assert client.post(f"{path(study)}{crop.pk}/dismiss/").status_code == 302
    crop.refresh_from_db()
    assert crop.paused_at is None
    assert "crop is paused" not in page(client, "/desk/")
    assert client.post(f"{path(study)}{crop.pk}/pause/").status_code == 302
    crop.refresh_from_db()
    assert crop.paused_by == organizer
    other = build_filled_study(methods=2, pictures=1)
    assert client.post(f"{path(other)}{crop.pk}/dismiss/").status_code == 404
