"""Raters who are members of a team are never shown its pictures, and nothing else changes."""

from dataclasses import replace

import numpy as np
import pytest

from ratings.challenge.models import Team
from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.judgments.session_endings import issue_watched
from ratings.comparisons.models import Pair, Study, Trial
from ratings.comparisons.protocol import Checks, Protocol, Training
from ratings.comparisons.raters.own_teams import team_links, teams_of
from ratings.comparisons.raters.recruiting import EntryRequest, admit
from tests.builders import NOW
from tests.comparisons.answering import send
from tests.comparisons.builders import build_filled_study
from tests.comparisons.recruits import refused

pytestmark = pytest.mark.django_db
ASKING = Protocol(
    training=Training(trials=0), checks=Checks(golden=0.1, repeats=0.1, identical=0.2)
)


def asking(protocol: Protocol = ASKING) -> Protocol:
    return replace(protocol, recruiting=replace(protocol.recruiting, own_team=True))


@pytest.fixture
def study() -> Study:
    return build_filled_study(methods=4, pictures=4, trials_per_rater=60, protocol=asking())


def team(study: Study, place: int = 0) -> Team:
    return list(teams_of(study))[place]


def judge_all(study: Study, name: str, seed: int = 1) -> list[Trial]:
    rater, _ = admit(study, None, EntryRequest(team=name), NOW)
    rng, judged = np.random.default_rng(seed), []
    while trials := issue_watched(rater, 5, NOW, rng):
        for trial in trials:
            send(trial)
        judged += trials
    return judged


def entries_of(trials: list[Trial]) -> set[int]:
    shown = {trial.entry_id for trial in trials if trial.entry_id}
    for trial in trials:
        if trial.pair:
            shown |= {trial.pair.first_id, trial.pair.second_id}
    return shown


def test_a_member_is_shown_everything_but_their_team_s_pictures(study: Study) -> None:
    own = team(study)
    mine = set(study.entries.filter(submission__team=own).values_list("pk", flat=True))
    trials = judge_all(study, own.name)
    assert len(mine) == 1 and {trial.kind for trial in trials} >= {"comparison", "identical"}
    everything = set(study.entries.values_list("pk", flat=True))
    assert entries_of(trials) == everything - mine
    # All that is left is compared: three pairs on all crops.
    comparisons = [trial for trial in trials if trial.kind == Trial.Kind.COMPARISON]
    assert len(comparisons) == 3 * study.crops.count()
    assert rebuild_counts(study, repair=False) == []


def test_others_make_up_for_what_a_member_left_out(study: Study) -> None:
    judge_all(study, team(study).name)
    judge_all(study, "", seed=2)
    issued = Pair.objects.filter(study=study).values_list("issued", flat=True)
    assert len(issued) == 6 and max(issued) - min(issued) <= study.crops.count()
    assert rebuild_counts(study, repair=False) == []


def test_who_is_of_no_team_or_was_not_asked_sees_everything(study: Study) -> None:
    assert entries_of(judge_all(study, "")) == set(study.entries.values_list("pk", flat=True))
    silent = build_filled_study(methods=3, pictures=2, protocol=ASKING)
    rater, _ = admit(silent, None, EntryRequest(team="whoever"), NOW)
    assert rater.own_team is None
    assert team_links(silent, "/rate/x/") == []


def test_where_all_is_compared_with_one_s_own_team_one_is_told() -> None:
    study = build_filled_study(methods=2, pictures=2, protocol=asking())
    entry = EntryRequest(team=team(study).name)
    assert refused(study, entry) == "own-team-only"
    assert refused(study, EntryRequest(team="no such team")) == "invalid"
    assert admit(study, None, EntryRequest(), NOW)[1]


def test_each_team_has_a_link_and_baselines_have_none(study: Study) -> None:
    Team.objects.filter(pk=team(study, 3).pk).update(kind=Team.Kind.BASELINE, name="JPEG")
    links = dict(team_links(study, "/rate/x/"))
    assert len(links) == 3 and "JPEG" not in links
    name = team(study).name
    assert links[name] == f"/rate/x/?own-team={name.replace(' ', '+')}"
