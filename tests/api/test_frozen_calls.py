"""Frozen rankings and citations by the API: listed, kept for good, and hidden while boards are."""

import csv
import hashlib
import io
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone
from pybtex.database import parse_string

from ratings.challenge.models import Challenge, Phase
from ratings.comparisons.models import Study
from ratings.jobs.submission_actions import disqualify, readmit
from ratings.ranking.fits.refitting import refit
from ratings.ranking.frozen.frozen_rankings import freeze, freeze_due
from ratings.ranking.models import FrozenRanking, Ranking
from ratings.submissions.models import Submission
from tests.api.conftest import details
from tests.builders import NOW, build_organizer, build_token
from tests.ranking.builders import build_two_datasets, judge_all
from tests.web.builders import DAY, build_ranked_study, build_running_phase, build_scored_study

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def build_frozen(**fields: object) -> FrozenRanking:
    build_ranked_study(build_running_phase(**fields))
    return freeze(Ranking.objects.get(), NOW)


def call(frozen: FrozenRanking, rest: str = "") -> str:
    slug = frozen.phase.challenge.slug
    return f"/api/v1/challenges/{slug}/rankings/{frozen.digest}/{rest}"


def listed(study: Study, query: str = "") -> str:
    return f"/api/v1/studies/{study.slug}/rankings/{query}"


def by_token() -> Client:
    return Client(headers={"Authorization": f"Bearer {build_token(build_organizer())}"})


def test_the_digest_of_the_json_is_its_address(client: Client) -> None:
    frozen = build_frozen()
    answer = client.get(call(frozen, "?format=json"))
    assert hashlib.sha256(answer.content).hexdigest() == frozen.digest
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Type"] == "application/json" and answer.json()["judgments"] == 18
    text = client.get(call(frozen, "?format=csv")).content.decode()
    table = list(csv.DictReader(io.StringIO(text)))
    assert [row["method"] for row in table] == [row["method"] for row in answer.json()["results"]]
    for form in ("parquet", "tex"):
        assert client.get(call(frozen, f"?format={form}")).content
    for name in ("scores.svg", "ranks.pdf", "psnr.svg", "win-probabilities.svg"):
        drawn = client.get(call(frozen, f"figures/{name}"))
        assert (drawn.status_code == 200 and b"%PDF" in drawn.content) or b"<svg" in drawn.content
        shows_own_style = "style-src 'unsafe-inline'" in drawn["Content-Security-Policy"]
        assert shows_own_style == name.endswith(".svg")
    assert client.get(call(frozen, "figures/other.svg")).status_code == 404


def test_they_are_listed_in_order_for_each_data_set(client: Client) -> None:
    study = build_scored_study(build_two_datasets(boards_open_at=NOW))
    for number in range(2):
        judge_all(study, raters=2, judgments=6, seed=number)
        refit(study, NOW + number * HOUR)
    freeze_due(study, NOW + 9 * HOUR)
    rows = client.get(listed(study)).json()["results"]
    assert [row["judgments"] for row in rows] == [12, 24]
    assert client.get(rows[0]["url"]).json()["judgments"] == 12
    assert rows[0]["page_url"].endswith(f"/rankings/{rows[0]['digest']}/")
    of_p = client.get(listed(study, "?dataset=P")).json()["results"]
    assert {row["dataset"] for row in of_p} == {"P"} and len(of_p) == 2
    assert client.get(listed(study, "?dataset=none")).status_code == 404


def test_they_are_hidden_while_boards_are() -> None:
    frozen = build_frozen(boards_open_at=None)
    for path in (call(frozen), call(frozen, "citation/"), call(frozen, "figures/scores.svg")):
        assert "no date to open" in str(details(Client().get(path)))
        assert by_token().get(path).status_code == 200
    assert Client().get(listed(Study.objects.get())).status_code == 404
    assert "immutable" not in by_token().get(call(frozen))["Cache-Control"]
    Challenge.objects.update(draft=True)
    assert Client().get(call(frozen)).status_code == 404


def test_frozen_boards_show_everyone_how_it_stood() -> None:
    now = timezone.now()
    study = build_scored_study(build_running_phase(boards_frozen_from=now - DAY / 2))
    for number, at in enumerate((now - DAY, now - DAY / 4)):
        judge_all(study, raters=2, judgments=6, seed=number)
        refit(study, at)
        freeze_due(study, at + HOUR)
    before, after = FrozenRanking.objects.all()
    boards = f"/api/v1/boards/{study.phase.challenge.slug}/{study.phase.slug}/"
    ranking = f"/api/v1/studies/{study.slug}/ranking/"
    for path in (f"{boards}human/", ranking):
        assert Client().get(path).json()["judgments"] == 12
        assert by_token().get(path).json()["judgments"] == 24
        for query in ("?variant=all", "?scale=elo"):
            assert Client().get(path + query).status_code == 404
            assert by_token().get(path + query).status_code == 200
    assert Client().get(f"{boards}agreement/").status_code == 200
    assert Client().get(f"{boards}human/figures/scores.svg").status_code == 200
    assert [row["judgments"] for row in Client().get(listed(study)).json()["results"]] == [12]
    assert Client().get(call(before)).status_code == 200
    assert Client().get(call(after)).status_code == 404
    assert by_token().get(call(after)).status_code == 200
    Phase.objects.update(boards_frozen_until=now)
    assert Client().get(ranking).json()["judgments"] == 24


def test_what_is_disqualified_during_a_freeze_is_marked_and_no_number_changes() -> None:
    now = timezone.now()
    study = build_ranked_study(build_running_phase(boards_frozen_from=now - DAY / 2))
    phase = study.phase
    boards = f"/api/v1/boards/{phase.challenge.slug}/{phase.slug}/"
    Ranking.objects.update(computed_at=now - 2 * DAY)
    Submission.objects.update(submitted_at=now - 3 * DAY)
    freeze(Ranking.objects.get(), now)
    before, after, back = (Submission.objects.get(method=f"method-{n}") for n in (0, 1, 2))
    for one, at in ((before, now - DAY), (back, now - DAY)):
        disqualify(one.pk, at, note="Copied.", by="ann")

    def told() -> tuple[Any, ...]:
        """Return the figures of both boards and the agreement, and the kinds of the rows."""
        psnr, human = (Client().get(f"{boards}{one}/").json() for one in ("psnr", "human"))
        figures = [
            [(row["method"], row["rank"], row.get("score")) for row in one["results"]]
            for one in (psnr, human)
        ]
        kinds = [
            {row["method"]: (row["kind"], row["kind_reason"]) for row in one["results"]}
            for one in (psnr, human)
        ]
        return figures, kinds, Client().get(f"{boards}agreement/").json(), psnr["out"]

    figures, kinds, agreement, out = told()
    assert figures[0] == [("method-1", 1, None)] and len(figures[1]) == 3
    assert {line["method"] for line in out} == {"method-0", "method-2"}
    disqualify(after.pk, now - DAY / 4, note="Trained on the pictures.", by="ann")
    readmit(back.pk, now - DAY / 4, note="It was not.", by="ann")
    again = told()
    assert (again[0], again[2]) == (figures, agreement)
    assert [one["method-1"] for one in kinds] == [("competing", "")] * 2
    left = ("disqualified", "Trained on the pictures.")
    assert [one["method-1"] for one in again[1]] == [left] * 2
    html = Client().get(f"/{phase.challenge.slug}/{phase.slug}/board/").content.decode()
    assert html.count("Trained on the pictures.") >= 2
    Phase.objects.update(boards_frozen_until=now)
    assert [name for name, *_ in told()[0][0]] == ["method-2"]


def test_a_challenge_is_never_cited_of_a_day_to_come(client: Client) -> None:
    now = timezone.now()
    phase = build_running_phase(closes_at=now + 4000 * DAY)
    cite = f"/api/v1/challenges/{phase.challenge.slug}/citation/?format=cff"

    def released() -> date:
        said: date = yaml.safe_load(client.get(cite).content)["date-released"]
        return said

    assert now.date() <= released() <= timezone.now().date()
    html = client.get(f"/{phase.challenge.slug}/").content.decode()
    assert f"({(now + 4000 * DAY).year})" not in html and f"({now.year})" in html
    Phase.objects.update(closes_at=phase.opens_at + HOUR)
    assert released() == (phase.opens_at + HOUR).date()


def test_citations_are_read_by_others(client: Client) -> None:
    frozen = build_frozen()
    Challenge.objects.update(organizers=["Jane Doe"], license="CC-BY-4.0", doi="10.5281/zenodo.1")
    slug = frozen.phase.challenge.slug
    page = f"http://testserver/{slug}/rankings/{frozen.digest}/"
    answer = client.get(call(frozen, "citation/"))
    said = answer.json()
    assert said["citation"].startswith("Jane Doe. (") and said["citation"].endswith(page)
    bib = client.get(call(frozen, "citation/?format=bibtex"))
    assert bib["Content-Disposition"] == f'attachment; filename="{slug}-{frozen.digest[:12]}.bib"'
    (entry,) = parse_string(bib.content.decode(), "bibtex").entries.values()
    assert entry.fields["url"] == page and bib.content.decode() == said["bibtex"]
    cff = client.get(call(frozen, "citation/?format=cff"))
    assert cff["Content-Disposition"] == 'attachment; filename="CITATION.cff"'
    assert yaml.safe_load(cff.content)["doi"] == "10.5281/zenodo.1"
    whole = client.get(f"/api/v1/challenges/{slug}/citation/").json()
    assert whole["citation"].endswith("https://doi.org/10.5281/zenodo.1")
    assert client.get("/api/v1/challenges/none/citation/").status_code == 404
    Challenge.objects.update(draft=True)
    assert client.get(f"/api/v1/challenges/{slug}/citation/").status_code == 404
