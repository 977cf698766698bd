"""What raters say over HTTP: flags, comments and withdrawal, and what organizers get of it."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from ratings.challenge.models import AuditEntry
from ratings.comparisons.models import Comment, Judgment, Rater, Study, Trial, TrialFlag
from ratings.comparisons.protocol import Checks, Protocol, Training
from ratings.comparisons.voices.voice_rows import COMMENT_COLUMNS, FLAG_COLUMNS
from ratings.jobs.rater_actions import withdraw_rater
from ratings.ranking.fits.refitting import refit
from ratings.ranking.frozen.frozen_rankings import freeze, sha256
from ratings.ranking.models import latest_ranking
from tests.api.conftest import bearer, details
from tests.api.sessions import JSON, begin, session
from tests.builders import NOW, build_token
from tests.comparisons.builders import build_filled_study

pytestmark = pytest.mark.django_db

EVIL = '=HYPERLINK("http://x")<script>alert(1)</script>'


@pytest.fixture
def study() -> Study:
    return build_filled_study(methods=2, pictures=2, trials_per_rater=2)


def trials(client: Client, study: Study, count: int = 5) -> list[dict[str, Any]]:
    url = f"/api/v1/studies/{study.slug}/trials/next/"
    return list(client.get(url, {"count": count}).json()["results"])


def put_flag(client: Client, trial: dict[str, Any], **body: object) -> Any:  # noqa: ANN401
    return client.put(trial["flag"], {"reason": "missing"} | body, content_type=JSON)


def judge_all(client: Client, study: Study) -> None:
    while page := trials(client, study):
        for trial in page:
            body = {"choice": "left", "response_ms": 4000, "attempt": trial["attempt"]}
            assert client.put(trial["judgment"], body, content_type=JSON).status_code == 201


def test_a_flag_is_stored_once_and_its_trial_replaced(client: Client, study: Study) -> None:
    begin(client, study)
    first, _ = trials(client, study)
    assert first["flag"] == f"/api/v1/trials/{first['id']}/flag/"
    answer = put_flag(client, first, text="A is grey")
    assert (answer.status_code, answer.json()) == (201, {"trial": first["id"], "flagged": True})
    again = put_flag(client, first, reason="other", text="else")
    assert (again.status_code, again.json()) == (200, answer.json())
    flag = TrialFlag.objects.get()
    assert (str(flag.trial_id), flag.reason, flag.text) == (first["id"], "missing", "A is grey")
    now = trials(client, study)
    assert [trial["number"] for trial in now] == [2, 3]
    assert first["id"] not in {trial["id"] for trial in now}
    judge_all(client, study)
    assert session(client, study).json()["state"] == "done"
    assert Judgment.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "boring"},
        {"reason": None},
        {"text": "x" * 301},
        {"text": "two\nlines"},
        {"text": 7},
        {"rating": 1},
    ],
)
def test_what_is_no_flag_is_refused(client: Client, study: Study, body: dict[str, Any]) -> None:
    begin(client, study)
    trial = trials(client, study)[0]
    refused = put_flag(client, trial, **body)
    assert refused.status_code == 400
    assert next(iter(body)) in details(refused)[0]
    assert not TrialFlag.objects.exists()


def test_nobody_flags_for_another(client: Client, study: Study) -> None:
    begin(client, study)
    trial = trials(client, study)[0]
    refused = put_flag(Client(), trial)
    assert (refused.status_code, refused.json()["type"][-13:]) == (404, "unknown-trial")


def test_the_answer_is_the_same_for_every_kind_of_trial(client: Client) -> None:
    """The curious rater flags all: no answer says which of them were checks."""
    checks = Checks(golden=0.2, repeats=0, identical=0.2)
    protocol = Protocol(training=Training(trials=0), checks=checks)
    study = build_filled_study(methods=3, pictures=4, trials_per_rater=12, protocol=protocol)
    begin(client, study)
    told = set()
    for _ in range(12):
        trial = trials(client, study, 1)[0]
        answer = put_flag(client, trial)
        body = json.dumps(answer.json()).replace(trial["id"], "")
        told.add((answer.status_code, body, tuple(sorted(set(trial) - {"id"}))))
    assert len(told) == 1
    assert len(set(Trial.objects.values_list("kind", flat=True))) == 3


def test_a_comment_is_written_at_the_end_and_taken_back(client: Client, study: Study) -> None:
    begin(client, study)
    url = f"/api/v1/studies/{study.slug}/session/comment/"

    def write(text: object) -> Any:  # noqa: ANN401
        return client.put(url, {"text": text}, content_type=JSON)

    early = write("hello")
    assert (early.status_code, early.json()["type"][-11:]) == (403, "no-comments")
    judge_all(client, study)
    assert write("Nice.\nToo dark in places.").json() == {"stored": True}
    assert write("Nice.").json() == {"stored": True}
    assert Comment.objects.get().text == "Nice."
    assert write("x" * 2001).status_code == 400
    assert write(7).status_code == 400
    assert write("\x00").status_code == 400
    assert write("  ").json() == {"stored": False}
    assert not Comment.objects.exists()
    Study.objects.filter(pk=study.pk).update(voices={"comments": False})
    assert write("hello").status_code == 403


def test_organizers_get_both_as_tables_and_nobody_else(client: Client, study: Study) -> None:
    organizer = bearer(build_token())
    begin(client, study)
    put_flag(client, trials(client, study)[0], text=EVIL)
    judge_all(client, study)
    client.put(f"/api/v1/studies/{study.slug}/session/comment/", {"text": EVIL}, content_type=JSON)
    rater = Rater.objects.get().pk.hex
    for name, columns in (("flags", FLAG_COLUMNS), ("comments", COMMENT_COLUMNS)):
        url = f"/api/v1/studies/{study.slug}/{name}/"
        assert client.get(url).status_code == 401
        (row,) = organizer.get(url).json()["results"]
        assert (list(row), row["rater"], row["text"]) == (columns, rater, EVIL)
        text = organizer.get(url, {"format": "csv"}).content.decode()
        (line,) = csv.DictReader(io.StringIO(text))
        assert list(line) == columns
        assert line["text"] == f"'{EVIL}"  # no formula of a spreadsheet


def withdraw(client: Client, study: Study, **body: object) -> Any:  # noqa: ANN401
    url = f"/api/v1/studies/{study.slug}/session/withdrawal/"
    return client.post(url, body, content_type=JSON)


def test_whom_hopeless_checks_ended_is_told_their_code_as_they_withdraw(
    client: Client, study: Study
) -> None:
    begin(client, study)
    ended = {"state": Rater.State.NOT_USED, "ending": Rater.Ending.HOPELESS, "ended_at": NOW}
    Rater.objects.update(**ended)
    code = session(client, study).json()["completion"]
    told = withdraw(client, study, delete_my_answers=True).json()
    assert code and (told["state"], told["completion"]) == ("withdrawn", code)
    assert session(client, study).json()["completion"] == code


def test_a_withdrawal_has_to_be_meant_and_is_for_good(client: Client, study: Study) -> None:
    begin(client, study)
    judge_all(client, study)
    code = session(client, study).json()["completion"]
    assert code
    assert withdraw(client, study).status_code == 400
    assert withdraw(client, study, delete_my_answers=False).status_code == 400
    assert Judgment.objects.count() == 2
    for _ in range(2):
        told = withdraw(client, study, delete_my_answers=True).json()
        assert (told["state"], told["judged"], told["completion"]) == ("withdrawn", 0, code)
    assert not Judgment.objects.exists()
    again = begin(client, study).json()
    assert (again["state"], again["visit"]) == ("withdrawn", None)
    assert trials(client, study) == []
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.note) == ("a rater", "A rater withdrew: their own answers are deleted.")
    assert Rater.objects.get().pk.hex[:8] not in f"{entry.subject}{entry.note}"


def test_a_published_ranking_stays_as_it_was_and_later_ones_do_without(
    client: Client, study: Study
) -> None:
    begin(client, study)
    judge_all(client, study)
    other = Client()
    begin(other, study)
    judge_all(other, study)
    refit(study, NOW)
    ranking = latest_ranking(study)
    assert ranking
    frozen = freeze(ranking, NOW)
    study.phase.boards_open_at = NOW
    study.phase.save()
    first, second = Rater.objects.order_by("consented_at")
    for rater in (first, second):
        Rater.objects.filter(pk=rater.pk).update(consented_at=NOW)
        rater.refresh_from_db()
    assert withdraw_rater(first, NOW)
    frozen.refresh_from_db()
    assert sha256(frozen.document) == frozen.digest
    kept = Judgment.objects.filter(trial__rater=first)
    assert kept.count() == 2
    assert not kept.filter(undone_at=None).exists()
    refit(study, NOW)
    after = latest_ranking(study)
    assert after
    assert (ranking.judgments, after.judgments) == (4, 2)


@pytest.mark.parametrize(
    "text",
    [
        "Vraiment\u00a0? Oui\u202f!",  # no-break spaces, as French keyboards write them
        "左の絵\u3000右の絵",
        "می\u200cروم",  # joiners of Persian, and of emoji
        "\U0001f469\u200d\U0001f680 \u2764\ufe0f",
        "one\r\ntwo\n\tthree",
    ],
)
def test_what_people_type_in_any_script_is_kept(client: Client, study: Study, text: str) -> None:
    begin(client, study)
    line = text.replace("\r\n", " ").replace("\n\t", " ")
    assert put_flag(client, trials(client, study)[0], text=line).status_code == 201
    judge_all(client, study)
    url = f"/api/v1/studies/{study.slug}/session/comment/"
    assert client.put(url, {"text": text}, content_type=JSON).status_code == 200
    assert TrialFlag.objects.get().text == line
    assert Comment.objects.get().text == text.replace("\r\n", "\n")


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[31m", "a\x85b", "\ud800"])
def test_controls_are_refused_where_raters_write(client: Client, study: Study, text: str) -> None:
    begin(client, study)
    assert put_flag(client, trials(client, study)[0], text=text).status_code == 400
