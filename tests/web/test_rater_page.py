"""One rater's page: figures, history, and an organizer's decision."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from ratings.challenge.models import AuditEntry
from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.screening import screen
from ratings.comparisons.models import Decision, Judgment, Rater, Recruit, Study
from ratings.comparisons.trials.completion_codes import personal_code
from ratings.comparisons.voices.withdrawal import withdraw
from ratings.ranking.evidence.rater_reports import make_report
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_filled_study, build_rater
from tests.comparisons.checks import build_checked, build_goldens
from tests.web.pages import markup

pytestmark = pytest.mark.django_db


@pytest.fixture
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


@pytest.fixture
def study() -> Study:
    return build_filled_study(methods=3, pictures=4)


def address(rater: Rater) -> str:
    return f"/desk/studies/{rater.study.slug}/raters/{rater.pk}/"


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200 and "no-store" in response["Cache-Control"]
    return markup(response)


def plots(client: Client, rater: Rater) -> str:
    return page(client, address(rater)).partition("Response time, s")[2].partition("The dot")[0]


def test_it_is_for_organizers_alone(client: Client, study: Study) -> None:
    path = address(build_rater(study))
    assert client.get(path)["Location"] == f"/desk/login/?next={path}"
    assert client.post(path, {"state": "rejected", "reason": "x"}).status_code == 302
    client.force_login(build_organizer(is_staff=False))
    assert client.post(path, {"state": "rejected", "reason": "x"}).status_code == 403
    assert not Decision.objects.exists()


def test_a_decision_comes_by_forms_of_this_site_only(study: Study) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(build_organizer())
    path = address(build_rater(study))
    assert strict.post(path, {"state": "rejected", "reason": "x"}).status_code == 403
    assert not Decision.objects.exists()


def test_figures_and_the_rules_decision(client: Client, organizer: User, study: Study) -> None:
    rater = build_checked(study, right=3, alike=3)
    screen(study, NOW)
    html = page(client, address(rater))
    for words in ("1.00", "3 of 6 golden trials", "3 of 6 repeats", "18 answers", "not used"):
        assert words in html
    assert "by the rule of the study: quality below 1.2" in html
    assert personal_code(rater) in html and "shown at their next list of trials" in html
    assert "ended early" in html
    assert "Response time, s" not in html  # beside whose? No report was made yet
    make_report(study, NOW)
    html = page(client, address(rater))
    assert "Response time, s" in html and html.count("middle rater") == 2


def test_a_page_on_one_rater_does_not_read_the_others_answers(
    client: Client, organizer: User, study: Study
) -> None:
    rater = build_checked(study, right=3, alike=3)
    make_report(study, NOW)
    before = plots(client, rater)
    for _ in range(3):
        build_checked(study, right=6, alike=6)
    Judgment.objects.exclude(trial__rater=rater).update(response_ms=99_000)
    assert plots(client, rater) == before
    make_report(study, NOW)
    assert plots(client, rater) != before


def test_an_organizer_decides_otherwise(client: Client, organizer: User, study: Study) -> None:
    rater = build_checked(study, right=3, alike=3)
    screen(study, NOW)
    reason = "Told us about a broken <b>mouse</b>."
    response = client.post(address(rater), {"state": "used", "reason": f" {reason} "})
    assert response["Location"] == address(rater)
    rater.refresh_from_db()
    assert rater.state == Rater.State.USED and rebuild_counts(study, repair=False) == []
    newest = rater.decisions.order_by("-pk")[0]
    assert (newest.decided_by, newest.reason, newest.rule) == (organizer, reason, "")
    html = page(client, address(rater))
    assert f"by {organizer.username}" in html and "broken &lt;b&gt;mouse" in html
    assert html.index("broken") < html.index("Quality 1.000 is below 1.2")


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"state": "used", "reason": "  "}, "Give a reason"),
        ({"state": "used", "reason": "x" * 301}, "at most 300 characters"),
        ({"state": "gone", "reason": "x"}, "Choose what becomes"),
        ({"reason": "kept <in> the form"}, "kept &lt;in&gt; the form"),
    ],
)
def test_a_form_with_a_mistake_says_so(
    client: Client, organizer: User, study: Study, sent: dict[str, str], words: str
) -> None:
    response = client.post(address(build_rater(study)), sent)
    assert response.status_code == 400 and words in markup(response)
    assert not Decision.objects.exists()


def test_a_rater_without_answers_and_one_of_another_study(
    client: Client, organizer: User, study: Study
) -> None:
    rater = build_rater(study)
    html = page(client, address(rater))
    assert "0 of 0 golden trials" in html and "Response time" not in html
    other = build_filled_study()
    assert client.get(f"/desk/studies/{other.slug}/raters/{rater.pk}/").status_code == 404


def test_a_code_leads_to_its_rater(client: Client, organizer: User, study: Study) -> None:
    rater = build_rater(study)
    raters = f"/desk/studies/{study.slug}/raters/"
    response = client.get(raters, {"find": personal_code(rater).lower()})
    assert response.status_code == 302 and response["Location"] == address(rater)
    assert "No rater of this study has" in page(client, f"{raters}?find=BCDFGHJKMP")


def test_the_figure_behind_an_early_decision_is_shown(
    client: Client, organizer: User, study: Study
) -> None:
    rater = build_rater(study)
    build_goldens(rater, [False, False, False])
    screen(study, NOW)
    html = page(client, address(rater))
    assert "at 1.2 so few checks passed have a chance of 6.4 %" in html
    assert "have a chance of 6.4 %, below 10 %" in html


def test_a_rater_is_found_by_what_they_can_name(
    client: Client, organizer: User, study: Study
) -> None:
    rater = build_rater(study)
    Recruit.objects.create(study=study, rater=rater, platform="lab", participant="5f3a9c")
    raters = f"/desk/studies/{study.slug}/raters/"
    for name in ("5f3a9c", str(rater.pk), rater.pk.hex[:8].upper(), personal_code(rater)):
        assert client.get(f"{raters}?find={name}")["Location"] == address(rater), name
    for name in (rater.pk.hex[:7], "0" * 33, "5F3A9C "):
        assert "No rater of this study has" in page(client, f"{raters}?find={name}")


def test_erasing_needs_a_reason_and_a_mark(client: Client, organizer: User, study: Study) -> None:
    rater = build_rater(study)
    Recruit.objects.create(study=study, rater=rater, platform="lab", participant="5f3a9c")
    for form, words in (
        ({"note": "They asked."}, "be undone"),
        ({"note": " ", "confirm": "on"}, "Say why"),
    ):
        answer = client.post(address(rater), form | {"erase": "yes"})
        assert answer.status_code == 400 and words in markup(answer)
    assert Recruit.objects.exists()
    form = {"note": "They asked.", "confirm": "on", "erase": "yes"}
    assert client.post(address(rater), form)["Location"] == address(rater)
    assert not Recruit.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.note) == (organizer.username, "They asked.")
    teams = f"/desk/challenges/{study.phase.challenge.slug}/teams/"
    assert "erased what leads to a rater" in page(client, teams)


def test_who_withdrew_is_shown_as_such(client: Client, organizer: User, study: Study) -> None:
    rater = build_rater(study)
    withdraw(rater, NOW, keep=False)
    html = page(client, address(rater))
    assert "withdrew: answers deleted" in html
    assert "they withdrew before the end" in html
