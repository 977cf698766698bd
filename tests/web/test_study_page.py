"""A study's page on the desk: how it runs, pausing it, coverage, and what it still needs."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Rater, Study, StudyHold
from ratings.comparisons.study.pausing import close, pause, reopen, resume
from ratings.comparisons.study.study_tables import dump_study, load_studies
from ratings.psychometrics.design.projection import Neighbours, Projection
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.fits.refitting import refit
from ratings.ranking.fits.remaining_judgments import study_outlook
from ratings.web.desk.study.coverage import coverage
from ratings.web.desk.study.study_page import about, outlook_context
from tests.builders import NOW, build_organizer
from tests.comparisons.builders import build_filled_study, build_study
from tests.ranking.builders import judge_all
from tests.web.builders import build_ranked_study, build_running_phase, build_scored_study
from tests.web.pages import markup

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def organizer(client: Client) -> User:
    user = build_organizer()
    client.force_login(user)
    return user


def page(client: Client, study: Study) -> str:
    response = client.get(f"/desk/studies/{study.slug}/")
    assert response.status_code == 200
    return markup(response)


@pytest.mark.parametrize("end", ["pause/", "resume/", "close/", "reopen/"])
def test_pausing_is_for_organizers_and_by_forms_of_this_site(end: str) -> None:
    strict, study = Client(enforce_csrf_checks=True), build_study()
    path = f"/desk/studies/{study.slug}/{end}"
    assert strict.post(path).status_code == 403
    strict.force_login(build_organizer())
    assert strict.post(path).status_code == 403
    assert strict.get(path).status_code == 405
    client = Client()
    client.force_login(build_organizer(is_staff=False))
    assert client.post(path).status_code == 403
    assert not StudyHold.objects.exists()


def test_pausing_and_resuming_say_who_did(client: Client, organizer: User) -> None:
    study = build_ranked_study(build_running_phase())
    assert "Pause</button>" in page(client, study)
    client.post(f"/desk/studies/{study.slug}/pause/")
    client.post(f"/desk/studies/{study.slug}/pause/")
    html = page(client, study)
    assert "Resume</button>" in html and f"by {organizer.username}, not ended" in html
    study.refresh_from_db()
    assert study.paused_at is not None and study.is_open
    client.post(f"/desk/studies/{study.slug}/resume/")
    (hold,) = study.holds.all()
    study.refresh_from_db()
    assert (hold.begun_by, hold.ended_by) == (organizer, organizer) and study.paused_at is None
    assert "Pause</button>" in page(client, study)


def test_resuming_what_runs_and_pausing_what_rests_change_nothing() -> None:
    study, anna, ben = build_study(), build_organizer(), build_organizer()
    resume(study, anna, NOW)
    assert not study.holds.exists()
    pause(study, anna, NOW)
    pause(study, ben, NOW + HOUR)
    study.refresh_from_db()
    assert study.paused_at == NOW and study.holds.get().begun_by == anna
    resume(study, ben, NOW + HOUR)
    pause(study, ben, NOW + 2 * HOUR)
    ended = study.holds.order_by("pk").values_list("ended_at", flat=True)
    assert list(ended) == [NOW + HOUR, None]


def test_closing_and_opening_again_say_who_did(client: Client, organizer: User) -> None:
    study = build_ranked_study(build_running_phase())
    for path in ("reopen", "close", "close"):
        client.post(f"/desk/studies/{study.slug}/{path}/")
    html = page(client, study)
    assert "Open again</button>" in html and "Pause</button>" not in html
    assert "Closed" in html and f"by {organizer.username}, not ended" in html
    study.refresh_from_db()
    assert not study.is_open and study.holds.get().kind == "close"
    client.post(f"/desk/studies/{study.slug}/reopen/")
    study.refresh_from_db()
    assert study.is_open and study.holds.get().ended_by == organizer
    assert "Close</button>" in page(client, study)


def test_what_its_own_rule_closed_is_not_opened_by_hand() -> None:
    study = build_study(is_open=False, stopped_at=NOW, stopped_reason="enough")
    reopen(study, build_organizer(), NOW)
    study.refresh_from_db()
    assert not study.is_open


def test_a_file_with_another_rule_leaves_closed_what_an_organizer_closed() -> None:
    study = build_study()
    close(study, build_organizer(), NOW)
    table = dump_study(study) | {"stop": {"judgments": 1000}}
    load_studies(study.phase.challenge, [table])
    study.refresh_from_db()
    assert study.stop_judgments == 1000 and not study.is_open


def test_a_closed_study_says_why_and_has_no_button(client: Client, organizer: User) -> None:
    study = build_study(is_open=False, stopped_reason="the budget of 100 judgments is used up")
    html = page(client, study)
    assert "By its own rule: the budget of 100 judgments is used up." in html
    assert "/pause/" not in html and "The study is closed." in html


def test_a_study_without_anything_has_its_empty_states(client: Client, organizer: User) -> None:
    html = page(client, build_study())
    for words in ("There are no pairs yet", "This needs a ranking", "Nobody has begun yet"):
        assert words in html
    html = page(client, build_scored_study(build_running_phase()))
    assert html.count('class="cell none"') == 3 and "0 to 0 of each" in html


def test_coverage_is_what_counts_by_pair_and_picture() -> None:
    study = build_filled_study(methods=4, pictures=3)
    judge_all(study, raters=3, judgments=8)
    decide(study.raters.order_by("pk")[0], Rater.State.NOT_USED, "Asleep.", now=NOW)
    refit(study, NOW)
    covered = coverage(study)
    assert sum(judged for _, judged in covered.pairs) == 16
    assert sum(judged for _, judged in covered.pictures) == 16
    assert (len(covered.pairs), len(covered.pictures), covered.methods) == (6, 3, 4)
    assert covered.pair_ends == (covered.pairs[0][1], covered.pairs[-1][1])
    counts = [judged for _, judged in covered.pairs]
    assert counts == sorted(counts)
    best = human_board(study).rows[0].label
    assert f">1 {best}<" in covered.pair_matrix


def test_the_outlook_is_read_from_two_rankings_of_the_study() -> None:
    study = build_filled_study(methods=3, pictures=6, crops_per_picture=1)
    assert study_outlook(study) is None
    judge_all(study, raters=5, judgments=12)
    refit(study, NOW)
    first = study_outlook(study)
    assert first and first.floor is None and len(first.neighbours) == 2
    judge_all(study, raters=9, judgments=12, seed=9)
    refit(study, NOW + HOUR)
    second = study_outlook(study)
    assert second and second.floor is not None and 0 <= second.floor <= 1
    rows = [row for row in human_board(study).rows if row.score is not None]
    assert second.neighbours[0].first == rows[0].label
    assert second.neighbours[0].difference == pytest.approx(
        (rows[0].score or 0) - (rows[1].score or 0), abs=2e-4
    )


def test_the_outlook_in_words() -> None:
    study = build_filled_study(methods=3)
    judge_all(study, raters=4, judgments=6)
    refit(study, NOW)
    human = human_board(study)
    names = [row.label for row in human.rows]
    pairs = (
        Neighbours(names[0], names[1], 0.4, 0.1, 0),
        Neighbours(names[1], names[2], 0.1, 0.1, 1234),
    )
    hours = [(NOW + HOUR * n, 10) for n in range(48)]
    said = outlook_context(human, Projection(pairs, 0.25), hours)
    assert (said["apart"], said["floor"]) == ("1 of 2", "25%")
    assert said["more"] == "all after about 1,200 more judgments"
    assert said["takes"].replace("\N{NO-BREAK SPACE}", " ") == (
        "5 d 3 h at the rate of the last 24 h"
    )
    assert [line.more for line in said["neighbours"]] == ["told apart", "1,200 more"]
    never = Neighbours(names[1], names[2], 0.0, 0.1, None)
    said = outlook_context(human, Projection((pairs[0], never), None), hours)
    assert said["more"] == "1 practically equal" and said["takes"] == ""
    assert said["neighbours"][1].more == "practically equal"
    both = outlook_context(human, Projection((pairs[1], never), None), hours)
    assert both["more"] == "1 practically equal, the others after about 1,200 more judgments"
    assert outlook_context(human, Projection(pairs, 0.2), [])["takes"] == ""
    hidden = Neighbours(names[1], names[2], 0.2, 0.1, None, "pictures")
    said = outlook_context(human, Projection((pairs[1], hidden, never), None), hours)
    assert said["neighbours"][1].more == "only with more pictures"
    assert said["more"].startswith("1 practically equal, 1 only with more pictures, the others")
    assert [about(n) for n in (7, 84, 1250, 98_765)] == ["7", "84", "1,200", "99,000"]


def test_a_rater_who_is_set_aside_shows_in_the_figures(client: Client, organizer: User) -> None:
    study = build_ranked_study(build_running_phase())
    raters = study.raters.order_by("pk")
    decide(raters[0], Rater.State.REJECTED, "A script.", now=timezone.now())
    html = page(client, study)
    assert "1 rejected" in html and '<span class="tag bad">rejected</span>' in html
    assert html.count("6 of 80") == 3
