"""simulate_raters: refusals first; then judgments that are counted, marked and repeatable."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ratings.api.rating.facts import problems, stored_facts
from ratings.comparisons.judgment_facts import BODY
from ratings.comparisons.judgments.counter_tables import rebuild_counts
from ratings.comparisons.protocol import Checks, Layout, Protocol
from ratings.comparisons.study.cropping import make_checks
from ratings.models import Judgment, QuestionAnswer, Ranking, Rater, Study, Trial
from tests.builders import build_phase
from tests.comparisons.builders import build_study
from tests.comparisons.questionnaires import EACH_KIND
from tests.remembered import remembered
from tests.web.builders import build_scored_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Save a study of three scored entries, on which each rater has at most 12 trials."""
    study = build_scored_study(remembered(build_phase)())
    Study.objects.filter(pk=study.pk).update(trials_per_rater=12)
    return study


def simulate(study: Study, **options: float) -> str:
    out = StringIO()
    call_command("simulate_raters", study.slug, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"raters": 0}, "must be at least 1"),
        ({"judgments": -1}, "must be at least 1"),
        ({"seed": -1}, "--seed at least 0"),
        ({"careless": 1.5}, "--careless must be a share from 0 to 1"),
        ({"raters": 2, "judgments": 25}, "2 raters give at most 24 judgments"),
    ],
)
def test_impossible_numbers_are_refused(
    study: Study, options: dict[str, float], problem: str
) -> None:
    with pytest.raises(CommandError, match=problem):
        simulate(study, **options)
    assert not Rater.objects.exists()


def test_an_unknown_study_is_answered_with_those_there_are(study: Study) -> None:
    with pytest.raises(CommandError, match=f"no study 'other'. There are: {study.slug}."):
        call_command("simulate_raters", "other")


def test_a_study_with_nothing_to_compare_is_refused() -> None:
    with pytest.raises(CommandError, match="fewer than two scored entries"):
        simulate(build_study(), raters=1, judgments=1)
    assert not Rater.objects.exists()


def test_judgments_are_stored_counted_ranked_and_marked(study: Study) -> None:
    printed = simulate(study, raters=3, judgments=20, seed=4)
    assert printed.startswith("Stored 20 simulated judgments of 3 simulated raters.")
    assert Judgment.objects.count() == 20
    assert Rater.objects.filter(simulated=True).count() == Rater.objects.count() == 3
    assert rebuild_counts(study, repair=False) == []
    ranking = Ranking.objects.get()
    assert (ranking.judgments, ranking.simulated) == (20, True)


def test_simulated_raters_tell_every_fact_as_the_api_takes_it(study: Study) -> None:
    simulate(study, raters=3, judgments=20, seed=4)
    for judgment in Judgment.objects.select_related("trial__rater"):
        told = {name: getattr(judgment, name) for name in ("choice", "response_ms", "attempt")}
        body = told | judgment.display
        assert list(problems(body)) == []
        assert body.keys() == {fact.name for fact in BODY}
        assert stored_facts(body) == judgment.display
        (visit,) = judgment.trial.rater.visits.all()
        assert (body["visit"], body["zoom"]) == (visit.number, visit.facts["zoom"])


@pytest.mark.parametrize(("layout", "flips"), [(Layout.SIDES, False), (Layout.AGAINST, True)])
def test_without_a_common_place_no_version_comes_first(
    study: Study, layout: Layout, flips: bool
) -> None:
    study.protocol_json = Protocol(layout=layout).as_json()
    study.save()
    simulate(study, raters=3, judgments=20, careless=0)
    for judgment in Judgment.objects.all():
        assert judgment.display["layout"] == layout.value
        assert "shown_first" not in judgment.display
        assert (judgment.display["flips"] > 0) is flips


def test_it_stops_when_the_raters_have_seen_everything(study: Study) -> None:
    # Two pictures of two crops each, three pairs: 12 trials a rater, and 12 allowed.
    Study.objects.filter(pk=study.pk).update(trials_per_rater=50)
    printed = simulate(study, raters=1, judgments=50)
    assert "no further trials" in printed
    assert 0 < Judgment.objects.count() < 50


@pytest.fixture
def checked() -> Study:
    """Save a study of 40 trials a rater with training and all kinds of checks."""
    study = build_scored_study(build_phase(names=[f"{number}.png" for number in range(8)]))
    checks = Checks(golden=0.2, repeats=0.2, repeat_gap=5, identical=0.1)
    study.protocol_json, study.trials_per_rater = Protocol(checks=checks).as_json(), 40
    study.save()
    make_checks(study)
    return study


def golden_accuracy() -> float:
    answers = Judgment.objects.filter(trial__kind=Trial.Kind.GOLDEN)
    right = [
        answer.choice == ("left" if answer.trial.first_left else "right") for answer in answers
    ]
    return sum(right) / len(right)


def self_consistency() -> float:
    """Return the share of mirrored repeats in which the rater chose the same entry again."""
    repeats = Trial.objects.filter(kind=Trial.Kind.REPEAT, judgments__isnull=False)
    same = []
    for repeat in repeats:
        first = repeat.rater.trials.get(
            kind=Trial.Kind.COMPARISON, pair=repeat.pair, crop=repeat.crop
        )
        before, after = (trial.judgments.get().choice for trial in (first, repeat))
        same.append({before, after} == {"left", "right"})
    return sum(same) / len(same)


def test_careful_raters_pass_training_and_checks(checked: Study) -> None:
    printed = simulate(checked, raters=20, judgments=600, careless=0)
    assert printed.startswith("Stored 600 simulated judgments")
    kinds = set(Trial.objects.filter(judgments__isnull=False).values_list("kind", flat=True))
    assert kinds == set(Trial.Kind.values)
    assert Judgment.objects.exclude(trial__kind="training").count() == 600
    assert golden_accuracy() > 0.95
    assert self_consistency() > 0.6
    assert rebuild_counts(checked, repair=False) == []
    flips = [judgment.display["flips"] for judgment in Judgment.objects.all()]
    assert 3 <= sorted(flips)[len(flips) // 2] <= 5
    assert min(flips) >= 1


def test_careless_raters_guess_and_hurry(checked: Study) -> None:
    simulate(checked, raters=10, judgments=300, careless=1)
    assert 0.3 < golden_accuracy() < 0.7
    assert self_consistency() < 0.6
    assert 0 < Judgment.objects.filter(excluded=True).count() < 200


def test_simulated_raters_answer_the_questions_too(study: Study) -> None:
    Study.objects.filter(pk=study.pk).update(questionnaire=[*EACH_KIND, {"set": "display"}])
    simulate(study, raters=3, judgments=3, seed=1)
    answers = QuestionAnswer.objects.filter(rater__study=study)
    assert answers.count() == 3 * 8
    assert answers.filter(question="glasses", value__in=["yes", "no"]).count() == 3
