"""What does not count, at the desk: by reason and hour; alarms, and who sees to them."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from ratings.challenge.models import Alarm, Membership
from ratings.comparisons.judgments.drop_reasons import WORDS, DropReason
from ratings.comparisons.models import Judgment
from ratings.health.alarms import STUDIES, FoundAlarm, note_alarms
from ratings.web.desk.study.drop_chart import HourShare, shares_by_hour
from ratings.web.parts.words.formatting import percent
from tests.builders import build_challenge, build_organizer
from tests.web.builders import build_ranked_study, build_running_phase
from tests.web.pages import markup

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


def shown(share: float) -> str:
    """Return a share as `markup` gives it, with plain spaces."""
    return " ".join(percent(share).split())


def test_reasons_stand_with_shares_and_hours(client: Client, organizer: User) -> None:
    study = build_ranked_study(build_running_phase())
    Judgment.objects.update(judged_at=timezone.now())
    lost = Judgment.objects.order_by("-pk").values_list("pk", flat=True)[:3]
    Judgment.objects.filter(pk__in=[*lost]).update(
        excluded=True, exclusion_reason="answered without a flip"
    )
    html = markup(client.get(f"/desk/studies/{study.slug}/drops/"))
    assert re.search(r"15 of 18\s+answers", html) and shown(15 / 18) in html
    row = re.search(
        rf"<tr>\s*<th scope=\"row\">{WORDS[DropReason.NO_FLIP].title}.*?</tr>", html, re.S
    )
    assert row and shown(3 / 18) in row[0] and "3 of 18 answers" in row[0] and "<title>" in row[0]
    table = re.search(r"By hour, as a table.*?</table>", html, re.S)
    assert table and re.findall(r'<td class="number">(\d+)</td>', table[0])[:4] == [
        *("18", "0", "0", "3")
    ]


def test_a_study_that_nobody_judged_has_a_page_too(client: Client, organizer: User) -> None:
    study = build_ranked_study(build_running_phase())
    Judgment.objects.all().delete()
    html = markup(client.get(f"/desk/studies/{study.slug}/drops/"))
    assert "Nobody has answered in the last" in html and "as a table" not in html


def alarm_of(study_slug: str, challenge: int) -> Alarm:
    found = FoundAlarm(
        f"study/{study_slug}/no-flip", "It is lost.", "It means.", "Mend it.", challenge=challenge
    )
    return note_alarms([found], timezone.now(), STUDIES)[0]


def test_an_alarm_stands_on_both_pages_until_it_is_over(client: Client, organizer: User) -> None:
    study = build_ranked_study(build_running_phase())
    alarm = alarm_of(study.slug, study.phase.challenge_id)
    for path in ("/desk/", f"/desk/studies/{study.slug}/drops/"):
        html = markup(client.get(path))
        assert "It is lost." in html and "It means." in html and "Mend it." in html
        assert "Nobody has said that they see to it" in html
    assert client.post(f"/desk/alarms/{alarm.pk}/acknowledge/").status_code == 302
    html = markup(client.get(f"/desk/studies/{study.slug}/drops/"))
    assert f"{organizer.get_username()} sees to it" in html and "I see to it" not in html
    note_alarms([], timezone.now() + timedelta(minutes=1), STUDIES)
    assert "It is lost." not in markup(client.get(f"/desk/studies/{study.slug}/drops/"))
    over = markup(client.get("/desk/"))
    assert re.search(r"Over in the last 7 days.*It is lost\..*saw to it", over, re.S)
    assert client.post(f"/desk/alarms/{alarm.pk}/acknowledge/").status_code == 404


def test_alarms_of_other_challenges_are_not_told_nor_taken(client: Client) -> None:
    study = build_ranked_study(build_running_phase())
    alarm = alarm_of(study.slug, study.phase.challenge_id)
    of_other = build_organizer(is_staff=False)
    Membership.objects.create(
        user=of_other, challenge=build_challenge(), role=Membership.Role.ORGANIZER
    )
    client.force_login(of_other)
    assert "It is lost." not in markup(client.get("/desk/"))
    assert client.post(f"/desk/alarms/{alarm.pk}/acknowledge/").status_code == 404
    viewer = build_organizer(is_staff=False)
    Membership.objects.create(
        user=viewer, challenge=study.phase.challenge, role=Membership.Role.VIEWER
    )
    client.force_login(viewer)
    assert "It is lost." in markup(client.get("/desk/"))
    assert client.post(f"/desk/alarms/{alarm.pk}/acknowledge/").status_code == 403


def test_bars_are_shares_and_an_empty_hour_has_none() -> None:
    hour = timezone.now().replace(minute=0)
    chart = shares_by_hour(
        [HourShare(hour, 0, 0), HourShare(hour, 0, 4), HourShare(hour, 2, 4)], "answers"
    )
    assert chart.count("<rect") == 2 and 'class="bar none"' in chart
    assert f"2 of 4 answers ({percent(0.5)})" in chart and 'height="18"' in chart
