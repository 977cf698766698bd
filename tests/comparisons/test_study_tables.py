"""[[study]] tables: all problems at once, defaults, and what can't change any more."""

import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ratings.challenge.definitions.definition import parse
from ratings.challenge.exchange.dumping import challenge_toml
from ratings.challenge.exchange.loading import load_definition
from ratings.challenge.keys.tables import TomlTable
from ratings.challenge.models import Challenge
from ratings.challenge.refusals import Refused
from ratings.comparisons.models import Study, Trial
from ratings.comparisons.protocol import Protocol, Recruiting
from ratings.comparisons.study.cropping import place
from ratings.comparisons.study.study_tables import (
    dump_study,
    fixed_in,
    load_studies,
    study_digest,
    study_toml,
)
from ratings.psychometrics.design.stopping import Rule
from ratings.ranking.fits.early_closing import stop_rule
from tests.builders import NOW, build_challenge, build_phase
from tests.comparisons.builders import build_rater

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).parents[2] / "fixtures"


def table(**fields: Any) -> dict[str, Any]:
    return {
        "phase": "test",
        "slug": "people",
        "name": "What people see",
        "consent": "You take part of your own free will.",
    } | fields


@pytest.fixture
def challenge() -> Challenge:
    challenge = build_challenge()
    build_phase(challenge, slug="test")
    return challenge


def refused(challenge: Challenge, *tables: dict[str, Any]) -> list[str]:
    with pytest.raises(Refused) as caught:
        load_studies(challenge, tables)
    assert caught.value.code == "definition"
    return caught.value.problems


def test_every_problem_is_listed_and_nothing_is_stored(challenge: Challenge) -> None:
    wrong = table(crop_size=[768], ties_allowed="no", crops_per_picture=0, colour=1, consent="")
    problems = refused(challenge, {"slug": "first"}, wrong, table(slug="fine"))
    for key in ("phase", "name", "consent"):
        assert any(line.startswith(f"[[study]] first: {key}: ") for line in problems)
    for key in ("crop_size", "ties_allowed", "crops_per_picture", "colour", "consent"):
        assert any(line.startswith(f"[[study]] people: {key}: ") for line in problems)
    assert not Study.objects.exists()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"phase": "nowhere"}, "there is no [[phase]] 'nowhere'"),
        ({"crops_per_picture": 101}, "a whole number from 1 to 100."),
        (
            {"trials_per_rater": 40},
            "least_checks: 40 trials hold 4 golden trials and 4 repeats, so a rule that looks from",
        ),
        ({"trials_per_rater": 10_001}, "a whole number from 1 to 10000."),
        ({"crop_size": [0, 768]}, "[width, height]"),
        ({"crop_size": [True, 768]}, "[width, height]"),
        ({"seed": 1.5}, "whole number"),
        ({"scale": "glicko"}, "must be one of: natural, elo, jnd"),
        ({"tie_model": "none"}, "must be one of: half, davidson"),
        ({"scale": "elo", "scale_mean": "2000"}, "a number from -1000000 to 1000000"),
        ({"scale": "elo", "scale_mean": 1e7}, "a number from -1000000 to 1000000"),
        ({"scale_mean": 2000}, "the natural scale has mean 0"),
        ({"pairing": "random"}, "must be one of: balanced, swiss, active"),
        ({"exploration": -0.1}, "a number from 0 to 1"),
        ({"exploration": 2}, "exploration: "),
        ({"stop": {"separated": 1}}, "separated: "),
        ({"stop": {"half_width": 0}}, "half_width: "),
        (
            {"stop": {"judgments": 2**31}},
            "judgments: it must be a whole number from 1 to 2147483647",
        ),
        ({"stop": {"when": "enough"}}, "when"),
    ],
)
def test_refuses(challenge: Challenge, fields: dict[str, Any], problem: str) -> None:
    (line,) = refused(challenge, table(**fields))
    assert problem in line


def test_refuses_a_slug_twice_or_of_another_challenge(challenge: Challenge) -> None:
    assert "stands there 2 times" in refused(challenge, table(), table())[0]
    load_studies(challenge, [table()])
    other = build_challenge()
    build_phase(other, slug="test")
    assert "another challenge" in refused(other, table())[0]
    told = f"[[study]] {table()['slug'].upper()}: slug: it differs from {table()['slug']!r} in"
    assert refused(other, table(slug=table()["slug"].upper()))[0].startswith(told)


def test_defaults_are_the_model_s_and_clic_s(challenge: Challenge) -> None:
    (study,) = load_studies(challenge, [table()])
    assert study.question == "Which is closer to the original?"
    assert (study.crop_width, study.crop_height, study.crops_per_picture) == (768, 768, 2)
    assert (study.trials_per_rater, study.seed, study.ties_allowed) == (80, 1, False)
    assert study.is_open


def test_a_scale_and_a_tie_model_are_loaded_and_written_out(challenge: Challenge) -> None:
    load_studies(challenge, [table(scale="elo", scale_mean=1500, tie_model="davidson")])
    study = Study.objects.get()
    assert (study.scale, study.scale_mean, study.tie_model) == ("elo", 1500, "davidson")
    text = challenge_toml(challenge, [dump_study(study)])
    assert 'scale = "elo"\nscale_mean = 1500.0' in text
    load_studies(challenge, tomllib.loads(text, parse_float=Decimal)["study"])
    assert dump_study(Study.objects.get()) == dump_study(study)
    (back,) = load_studies(challenge, [table()])
    assert (back.scale, back.scale_mean, back.tie_model) == ("natural", 2000, "half")
    assert "scale_mean" not in dump_study(back)


def test_pairing_and_a_rule_for_stopping_are_loaded_and_written_out(challenge: Challenge) -> None:
    stop = {"separated": True, "half_width": Decimal("0.25"), "judgments": 9_000}
    load_studies(challenge, [table(pairing="active", exploration=0.1, stop=stop)])
    study = Study.objects.get()
    assert (study.pairing, study.exploration) == ("active", 0.1)
    assert stop_rule(study) == Rule(separated=True, half_width=0.25, judgments=9_000)
    text = challenge_toml(challenge, [dump_study(study)])
    assert 'pairing = "active"\nexploration = 0.1' in text
    assert "stop = {separated = true, half_width = 0.25, judgments = 9000}" in text
    load_studies(challenge, tomllib.loads(text, parse_float=Decimal)["study"])
    assert dump_study(Study.objects.get()) == dump_study(study)
    (back,) = load_studies(challenge, [table()])
    assert (back.pairing, back.exploration, stop_rule(back)) == ("balanced", 0.2, Rule())


@pytest.mark.parametrize(
    "fields",
    [
        {"checks": {"golden": 0.15, "repeats": 0.15}},
        {"checks": {"golden": 0.1, "repeats": 0.0}},
        {"screening": {"least_checks": 4}},
        {"screening": {"quality": 0}},
    ],
)
def test_short_sessions_are_checked_enough_or_on_purpose_not(
    challenge: Challenge, fields: dict[str, Any]
) -> None:
    (study,) = load_studies(challenge, [table(trials_per_rater=40, **fields)])
    assert study.trials_per_rater == 40


def test_loading_again_updates_and_what_is_written_out_loads_the_same(challenge: Challenge) -> None:
    fields = {"crop_size": [512, 256], "crops_per_picture": 3, "trials_per_rater": 60, "seed": 7}
    (study,) = load_studies(challenge, [table(**fields, ties_allowed=True, question="Which?")])
    written = dump_study(study)
    (again,) = load_studies(challenge, [written])
    assert again.pk == study.pk
    assert dump_study(Study.objects.get()) == written
    assert written["crop_size"] == [512, 256]


def test_what_crops_follow_from_is_fixed_once_there_are_crops(challenge: Challenge) -> None:
    (study,) = load_studies(challenge, [table()])
    load_studies(challenge, [table(seed=2)])
    place(study, study.phase.originals()[0])
    (problem,) = refused(challenge, table(seed=3, crop_size=[512, 512]))
    assert problem.startswith("[[study]] people: crop_size, seed: pictures are cropped")
    load_studies(challenge, [table(seed=2, name="Another name")])
    assert Study.objects.get().name == "Another name"


def issue_one(study: Study) -> None:
    """Save a trial, as issuing does."""
    crop = place(study, study.phase.originals()[0])[0]
    rater = build_rater(study)
    golden = Trial.Kind.GOLDEN
    Trial.objects.create(
        rater=rater, crop=crop, kind=golden, number=1, first_left=True, issued_at=NOW
    )


def test_how_trials_look_is_fixed_once_they_were_issued(challenge: Challenge) -> None:
    (study,) = load_studies(challenge, [table(layout="sides", enlarge=2)])
    load_studies(challenge, [table(layout="sides")])
    issue_one(study)
    problems = refused(challenge, table(layout="against", enlarge=0, ties_allowed=True))
    assert [line.split(": ")[1] for line in problems] == ["layout", "enlarge", "ties_allowed"]
    assert 'trials were issued with "sides"' in problems[0]
    assert "put that back, or take another slug" in problems[0]


def test_rules_limits_and_texts_may_change_any_time(challenge: Challenge) -> None:
    (study,) = load_studies(challenge, [table()])
    before = study_digest(study)
    issue_one(study)
    (study,) = load_studies(
        challenge,
        [
            table(
                question="Which is better?",
                trials_per_rater=60,
                screening={"quality": 1.3},
                checks={"golden": 0.2},
                training={"trials": 3},
                recruiting={"most_raters": 9},
            )
        ],
    )
    assert study_digest(study) != before
    assert study.protocol.screening.quality == 1.3


def test_the_digest_is_that_of_the_table_with_every_key(challenge: Challenge) -> None:
    (study,) = load_studies(challenge, [table()])
    assert study_digest(study) == study_digest(Study.objects.get())
    text = study_toml(study)
    assert text.startswith('[[study]]\nphase = "test"\nslug = "people"')
    load_studies(challenge, tomllib.loads(text, parse_float=Decimal)["study"])
    assert study_toml(Study.objects.get()) == text
    (other,) = load_studies(challenge, [table(checks={"golden": 0.11})])
    assert study_digest(other) != study_digest(study)


def test_the_file_of_clic_2018_says_every_key_and_comes_back_the_same() -> None:
    text = (FIXTURES / "clic2018.toml").read_text()
    challenge = load_definition(text, FIXTURES)
    (raw,) = parse(text).studies
    (study,) = load_studies(challenge, [raw])
    written = dump_study(study)
    assert set(raw) == set(written)
    assert replace(study.protocol, recruiting=Recruiting()) == Protocol()
    assert [platform.most_raters for platform in study.protocol.recruiting.platforms] == [200]
    (again,) = tomllib.loads(challenge_toml(challenge, [written]), parse_float=Decimal)["study"]
    load_studies(challenge, [again])
    assert dump_study(Study.objects.get()) == written


def test_in_the_demo_every_click_counts_at_once() -> None:
    (raw,) = parse((FIXTURES / "demo.toml").read_text()).studies
    protocol = TomlTable(raw, "demo").read(Protocol)
    assert (protocol.training.trials, protocol.checks.golden, protocol.checks.repeats) == (0, 0, 0)
    assert (protocol.screening.drop_under_ms, protocol.screening.drop_unflipped) == (0, False)


def test_what_rankings_are_adjusted_for_is_fixed_once_boards_open(challenge: Challenge) -> None:
    strata = [{"name": "faces", "pictures": ["*/*.png"]}]
    (study,) = load_studies(challenge, [table(adjust=["rate", "strata"], strata=strata)])
    assert study.adjust == ["rate", "strata"] and study.strata == strata
    text = study_toml(study)
    load_studies(challenge, tomllib.loads(text, parse_float=Decimal)["study"])
    assert study_toml(Study.objects.get()) == text
    load_studies(challenge, [table(adjust=["position"])])
    assert "adjust" not in fixed_in(Study.objects.get())
    challenge.phases.update(boards_open_at=NOW)
    opened = Study.objects.get()
    assert fixed_in(opened)["adjust"] == fixed_in(opened)["strata"] == "The boards are open."
    (problem,) = refused(challenge, table())
    assert problem == (
        "[[study]] people: adjust: the boards are open, so what rankings are adjusted for is "
        'fixed; put back adjust = ["position"].'
    )
    (problem,) = refused(challenge, table(adjust=["position", "strata"]))
    assert 'put back adjust = ["position"].' in problem
    Study.objects.update(adjust=["strata"], strata=strata)
    (problem,) = refused(challenge, table(adjust=["strata"]))
    assert 'put back strata = [{name = "faces", pictures = ["*/*.png"]}].' in problem
    Study.objects.update(adjust=[], strata=[])
    (problem,) = refused(challenge, table(adjust=["position"]))
    assert problem.endswith("is fixed; leave it out.")
    Study.objects.update(adjust=["position"])
    load_studies(challenge, [table(adjust=["position"], name="Another name")])


def test_other_strata_ask_for_a_refit(challenge: Challenge) -> None:
    """Patterns change no word of a ranking's, nor any judgment; its weights follow from them."""
    asked: list[dict[str, Any]] = [
        {"adjust": ["strata"], "strata": [{"name": "faces", "pictures": [pattern]}]}
        for pattern in ("*/*.png", "*/*")
    ]
    load_studies(challenge, [table(**asked[0])])
    for fields, changes in ((asked[0], 0), (asked[1], 1), ({"adjust": ["rate"]}, 2)):
        (study,) = load_studies(challenge, [table(**fields)])
        study.refresh_from_db()
        assert study.changes == changes


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"adjust": ["bytes"]}, "adjust: 'bytes' is not one of: rate, position, fatigue"),
        ({"adjust": ["rate", "rate"]}, "adjust: "),
        (
            {"adjust": ["strata"], "strata": [{"name": "a", "pictures": []}]},
            'strata 1: pictures: write a list such as ["P/face*.png"].',
        ),
        ({"strata": [{"name": "a", "pictures": ["*"]}]}, 'strata: nothing asks for them; add "s'),
        (
            {"adjust": ["strata"], "strata": [{"name": "a", "pictures": ["P/none*"]}]},
            "strata: a: no picture is called like 'P/none*'; write data set and file",
        ),
    ],
)
def test_what_can_not_be_adjusted_for_is_named(
    challenge: Challenge, fields: dict[str, Any], problem: str
) -> None:
    (found,) = refused(challenge, table(**fields))
    assert found.startswith(f"[[study]] people: {problem}")
