"""The page on recruiters: the cost before it is bought, what can be ordered, what is on record."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from ratings.challenge.models import AuditEntry
from ratings.comparisons.models import Recruitment, Study
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_rater, build_study
from tests.recruiters.recruited import recruited_study
from tests.web.pages import page

pytestmark = pytest.mark.django_db
SECRET = "a-token-nobody-may-see"
States = Recruitment.State


@pytest.fixture(autouse=True)
def organizer(client: Client, settings: Settings) -> User:
    settings.PROLIFIC_TOKEN = SECRET
    user = build_organizer()
    client.force_login(user)
    return user


def path(study: Study, what: str = "") -> str:
    end = f"prolific/{what}/" if what else ""
    return f"/desk/studies/{study.slug}/recruiters/{end}"


def a_recruitment(state: str, **fields: object) -> Recruitment:
    defaults: dict[str, object] = {"price": 210, "places": 4, "currency": "GBP", "remote_id": "7"}
    return Recruitment.objects.create(
        study=recruited_study(), platform="prolific", state=state, **(defaults | fields)
    )


def buttons(html: str) -> list[str]:
    return re.findall(r"recruiters/prolific/([\w-]+)/", html)


def test_a_study_without_recruiters_says_how_to_get_one(client: Client) -> None:
    assert "[[study.recruiter]]" in page(client, path(build_study()))


def test_a_draft_is_ordered_with_the_link_and_stands_on_record(client: Client) -> None:
    study = recruited_study()
    assert buttons(page(client, path(study))) == ["draft"]
    assert client.post(path(study, "draft")).status_code == 302
    row = Recruitment.objects.get()
    assert row.link.startswith(f"http://testserver/rate/{study.slug}/?PROLIFIC_PID={{{{%")
    assert row.acts.get().kind == "create"
    assert AuditEntry.objects.get().note == "made a draft"
    assert buttons(html := page(client, path(study))) == [] and "Under way: make a draft" in html
    assert "is being made" in page_after(client, row, "draft")


def page_after(client: Client, row: Recruitment, what: str, **told: str) -> str:
    answer = client.post(path(row.study, what), told)
    return answer.content.decode() if answer.status_code != 302 else ""


def test_what_it_costs_stands_beside_the_button(client: Client, organizer: User) -> None:
    row = a_recruitment(States.DRAFT)
    html = " ".join(page(client, path(row.study)).split())
    assert "One place costs GBP 2.10" in html and "GBP 1.50 for the rater" in html
    assert "binds GBP 8.40 for the first 4 places" in html and "at most 23 places" in html
    assert buttons(html) == ["publish", "draft"]
    assert page_after(client, row, "publish") == ""
    assert row.acts.get().ordered_by == organizer.username


def test_a_foreign_currency_is_not_published(client: Client) -> None:
    row = a_recruitment(States.DRAFT, currency="USD")
    assert "pays in USD; the definition says GBP" in page_after(client, row, "publish")


def test_it_shows_money_trouble_and_why_it_stopped(client: Client) -> None:
    counts = {"APPROVED": 3, "AWAITING REVIEW": 1, "ACTIVE": 2, "RETURNED": 1}
    row = a_recruitment(
        States.STOPPED,
        reason="The money limit is reached.",
        trouble="Prolific does not take the token (401).",
        mend="Set RATINGS_PROLIFIC_TOKEN.",
        counts=counts,
        places=8,
    )
    html = page(client, path(row.study))
    assert "The money limit is reached." in html and "Set RATINGS_PROLIFIC_TOKEN." in html
    assert "GBP 6.30" in html and "GBP 16.80" in html and "1 left before" in html
    assert buttons(html)[:2] == ["go-on", "stop"] and SECRET not in html


def test_pausing_and_going_on_change_it_at_once(client: Client, organizer: User) -> None:
    row = a_recruitment(States.RUNNING)
    page_after(client, row, "pause")
    row.refresh_from_db()
    assert (row.state, row.reason) == (States.PAUSED, f"Paused by {organizer.username}.")
    assert "It is not recruiting." in page_after(client, row, "pause")
    page_after(client, row, "go-on")
    row.refresh_from_db()
    assert row.state == States.RUNNING


def test_who_waits_is_paid_or_not_by_a_person(client: Client) -> None:
    row = a_recruitment(States.RUNNING)
    rater = build_rater(row.study)
    why = {"came": "unfinished", "why": "Is not done here."}
    row.waiting = [{"submission": "s1", "rater": str(rater.pk), **why}]
    row.save()
    html = page(client, path(row.study))
    assert f"/raters/{rater.pk}/" in html and "s1" in html
    told = {"kind": "reject", "submission": "s1", "note": "Too short."}
    assert "100 characters or more" in page_after(client, row, "decide", **told)
    told["note"] = "You answered all trials within a second each."
    assert page_after(client, row, "decide", **told) == ""
    act = row.acts.get()
    assert act.kind == "reject" and len(act.words) >= 100 and act.rater == rater
    assert "Nobody waits" in page_after(client, row, "decide", **told)


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"amount": "much", "rater": "x"}, "1 or 1.50"),
        ({"amount": "1.50", "rater": "x"}, "no such rater"),
    ],
)
def test_a_bonus_form_says_what_is_wrong(
    client: Client, told: dict[str, str], problem: str
) -> None:
    row = a_recruitment(States.RUNNING)
    assert problem in page_after(client, row, "bonus", note="Thanks.", **told)


def test_a_token_that_is_gone_is_missed(client: Client, settings: Settings) -> None:
    row = a_recruitment(States.RUNNING)
    settings.PROLIFIC_TOKEN = ""
    assert "This site has no token of Prolific." in page(client, path(row.study))


def test_nothing_else_can_be_ordered(client: Client) -> None:
    row = a_recruitment(States.RUNNING, seen_at=NOW)
    for what in ("x", "settle"):
        assert client.post(path(row.study, what)).status_code == 404
    other = path(row.study, "pause").replace("prolific", "another")
    assert client.post(other).status_code == 404


def test_a_recruiter_that_is_held_says_so_and_goes_on_by_itself(client: Client) -> None:
    row = a_recruitment(States.RUNNING, reason="The pilot has the raters that it wants.")
    assert row.reason in (html := page(client, path(row.study)))
    assert re.findall(r'class="tag( live)?"\s*>(\w+)<', html) == [("", "held")]
    Recruitment.objects.update(reason="")
    html = page(client, path(row.study))
    assert re.findall(r'class="tag( live)?"\s*>(\w+)<', html) == [(" live", "recruiting")]
