"""Boards, rankings and judgments as JSON and CSV: columns, formats, and who may have them."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from ratings.challenge.models import Phase
from ratings.comparisons.models import Judgment, Study
from ratings.ranking.boards.human_board import study_scale
from ratings.ranking.evidence.judgment_query import JUDGMENT_COLUMNS
from ratings.ranking.fits.variants import refit_variants
from ratings.ranking.tables.columns import names
from ratings.ranking.tables.export import PSNR_COLUMNS, RANKING_COLUMNS
from tests.api.conftest import bearer, details
from tests.builders import NOW, build_organizer, build_phase, build_token
from tests.comparisons.builders import build_study
from tests.http.answers import without_id
from tests.ranking.builders import build_two_datasets
from tests.remembered import remembered
from tests.web.builders import build_ranked_study, build_scored_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def phase() -> Phase:
    return remembered(build_phase)(boards_open_at=NOW)


def board(phase: Phase, kind: str, query: str = "") -> str:
    return f"/api/v1/boards/{phase.challenge.slug}/{phase.slug}/{kind}/{query}"


def of_study(study: Study, kind: str, query: str = "") -> str:
    return f"/api/v1/studies/{study.slug}/{kind}/{query}"


def body(response: Any) -> str:  # noqa: ANN401
    assert response.status_code == 200, response.content
    return b"".join(response).decode()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_psnr_board_in_both_formats(client: Client, phase: Phase) -> None:
    build_scored_study(phase, ("competing", "baseline"))
    answer = json.loads(body(client.get(board(phase, "psnr"))))
    table = rows(body(client.get(board(phase, "psnr", "?format=csv"))))
    assert [row["method"] for row in answer["results"]] == ["method-0", "method-1"]
    assert [row["baseline"] for row in table] == ["false", "true"]
    assert list(table[0]) == names(PSNR_COLUMNS) == list(answer["results"][0])
    assert float(table[0]["psnr_db"]) == answer["results"][0]["psnr_db"]


def test_the_human_board_in_both_formats(client: Client, phase: Phase) -> None:
    study = build_ranked_study(phase)
    answer = json.loads(body(client.get(board(phase, "human"))))
    table = rows(body(client.get(board(phase, "human", "?format=csv"))))
    assert (answer["study"], answer["judgments"], answer["simulated"]) == (study.slug, 18, False)
    assert list(table[0]) == names(RANKING_COLUMNS) == list(answer["results"][0])
    assert json.loads(body(client.get(of_study(study, "ranking")))) == answer
    assert rows(body(client.get(of_study(study, "ranking", "?format=csv")))) == table


def test_a_csv_is_a_download_with_its_type_and_crlf(client: Client, phase: Phase) -> None:
    response = client.get(board(phase, "psnr", "?format=csv"))
    assert response["Content-Type"].startswith("text/csv; charset=utf-8")
    assert "attachment" in response["Content-Disposition"]
    assert response.content == f"{','.join(names(PSNR_COLUMNS))}\r\n".encode()


def test_accept_chooses_where_the_address_does_not(client: Client, phase: Phase) -> None:
    wants_csv = {"Accept": "text/csv"}
    assert client.get(board(phase, "psnr"), headers=wants_csv)["Content-Type"][:8] == "text/csv"
    both = client.get(board(phase, "psnr", "?format=json"), headers=wants_csv)
    assert both["Content-Type"] == "application/json"


def test_an_unknown_format_is_named(client: Client, phase: Phase) -> None:
    build_ranked_study(phase)
    ranking = client.get(board(phase, "human", "?format=xlsx"))
    assert details(ranking) == ["format: Choose one of: json, csv, parquet, tex."]
    response = client.get(board(phase, "psnr", "?format=xlsx"))
    assert response.status_code == 400
    assert details(response) == ["format: Choose one of: json, csv."]


def test_one_data_set_or_study_of_many(client: Client, phase: Phase) -> None:
    study = build_ranked_study(phase)
    other = build_study(phase, is_open=False)
    slug = phase.datasets.get().slug
    one = json.loads(body(client.get(board(phase, "psnr", f"?dataset={slug}"))))
    assert one["dataset"] == slug and len(one["results"]) == 3
    chosen = json.loads(body(client.get(board(phase, "human", f"?study={other.slug}"))))
    assert chosen["study"] == other.slug != study.slug
    assert client.get(board(phase, "psnr", "?dataset=nothing")).status_code == 404
    assert client.get(board(phase, "human", "?dataset=nothing")).status_code == 404
    assert client.get(board(phase, "human", "?study=nothing")).status_code == 404


def test_the_human_ranking_of_one_data_set(client: Client) -> None:
    phase = build_two_datasets(boards_open_at=NOW)
    study = build_ranked_study(phase)
    rankings = [json.loads(body(client.get(board(phase, "human", q)))) for q in ("", "?dataset=P")]
    assert [ranking["dataset"] for ranking in rankings] == [None, "P"]
    judged = Judgment.objects.filter(trial__crop__original__dataset__slug="P")
    pictures = judged.values("trial__crop__original").distinct().count()
    assert (rankings[1]["judgments"], rankings[1]["pictures"]) == (judged.count(), pictures)
    assert rankings[1]["judgments"] < rankings[0]["judgments"]
    assert json.loads(body(client.get(of_study(study, "ranking", "?dataset=P")))) == rankings[1]
    table = client.get(board(phase, "human", "?dataset=P&format=csv"))
    assert f"{study.slug}-P-ranking.csv" in table["Content-Disposition"]
    assert [row["judgments"] for row in rows(body(table))] == [
        str(row["judgments"]) for row in rankings[1]["results"]
    ]


def test_scores_come_on_the_study_s_scale_or_on_another(client: Client, phase: Phase) -> None:
    study = build_ranked_study(phase)
    Study.objects.update(scale="elo", scale_mean=1500)
    elo, natural, jnd = (
        json.loads(body(client.get(board(phase, "human", query))))
        for query in ("", "?scale=natural", "?scale=jnd")
    )
    assert [document["scale"]["name"] for document in (elo, natural, jnd)] == [
        "elo",
        "natural",
        "jnd",
    ]
    assert (elo["scale"]["mean"], elo["scale"]["unit"]) == (1500, "Elo points")
    assert "mean of 1500" in elo["scale"]["anchor"]
    for name, shown in (("elo", elo), ("jnd", jnd)):
        expected = study_scale(Study.objects.get(), name)
        for row, kept in zip(shown["results"], natural["results"], strict=True):
            assert row["score"] == expected.place(kept["score"])
            assert row["win_rate"] == kept["win_rate"]
    table = rows(body(client.get(of_study(study, "ranking", "?format=csv"))))
    assert {row["scale"] for row in table} == {"elo"}
    assert details(client.get(board(phase, "human", "?scale=x"))) == [
        "scale: Choose one of: natural, elo, jnd."
    ]


def test_a_variant_is_shown_when_asked_for(client: Client, phase: Phase) -> None:
    study = build_ranked_study(phase)
    Judgment.objects.filter(pk=Judgment.objects.order_by("pk")[0].pk).update(response_ms=1500)
    refit_variants(study, NOW)
    published = json.loads(body(client.get(board(phase, "human"))))
    assert (published["variant"], published["judgments"]) == ("used", 18)
    careful, entered, everything = published["variants"]
    assert entered["of"] == "With methods that have left: none has."
    assert (careful["variant"], careful["judgments"]) == ("careful", 17)
    assert careful["same_order"] is (careful["swapped"] == 0)
    assert (everything["swapped"], everything["largest_move"]) == (0, 0)
    shown = json.loads(body(client.get(of_study(study, "ranking", "?variant=careful"))))
    assert (shown["variant"], shown["judgments"]) == ("careful", 17)
    response = client.get(of_study(study, "ranking", "?variant=careful&format=csv"))
    assert f'"{study.slug}-ranking-careful.csv"' in response["Content-Disposition"]
    response = client.get(of_study(study, "ranking", "?variant=best"))
    assert (
        response.status_code == 400 and "used, careful, entered, all" in response.content.decode()
    )


def test_a_phase_without_a_study_has_no_human_board(client: Client, phase: Phase) -> None:
    assert client.get(board(phase, "human")).status_code == 404


@pytest.mark.parametrize(
    ("form", "media_type", "start"),
    [
        ("parquet", "application/vnd.apache.parquet", b"PAR1"),
        ("tex", "application/x-tex; charset=utf-8", b"% Study"),
    ],
)
def test_the_ranking_as_a_file(
    client: Client, phase: Phase, form: str, media_type: str, start: bytes
) -> None:
    study = build_ranked_study(phase)
    answer = client.get(of_study(study, "ranking", f"?format={form}"))
    assert (answer.status_code, answer["Content-Type"]) == (200, media_type)
    assert answer.content.startswith(start)
    assert f'filename="{study.slug}-ranking.{form}"' in answer["Content-Disposition"]
    accepted = client.get(board(phase, "human"), headers={"Accept": media_type})
    assert accepted.content == answer.content


@pytest.mark.parametrize(
    ("form", "start"), [("parquet", b"PAR1"), ("tex", b"% \\usepackage{array,booktabs,longtable}")]
)
def test_judgments_as_a_file(phase: Phase, form: str, start: bytes) -> None:
    study = build_ranked_study(phase)
    answer: Any = bearer(build_token()).get(of_study(study, "judgments", f"?format={form}"))
    assert answer.status_code == 200
    assert b"".join(answer).startswith(start)


def test_metrics_against_people_in_both_formats(client: Client, phase: Phase) -> None:
    study = build_ranked_study(phase)
    answer = json.loads(body(client.get(board(phase, "agreement"))))
    table = rows(body(client.get(board(phase, "agreement", "?format=csv"))))
    assert (answer["study"], answer["dataset"]) == (study.slug, None)
    assert [row["metric"] for row in table] == [row["metric"] for row in answer["results"]]
    assert [row["coefficient"] for row in table[:3]] == ["spearman", "kendall", "pearson"]
    assert {row["methods"] for row in answer["results"]} == {3}
    assert client.get(board(phase, "agreement", "?dataset=none")).status_code == 404


def test_figures_of_the_ranking(client: Client, phase: Phase) -> None:
    build_ranked_study(phase)
    svg = client.get(board(phase, "human", "figures/scores.svg?scale=elo"))
    assert (svg.status_code, svg["Content-Type"]) == (200, "image/svg+xml")
    assert svg.content.startswith(b"<?xml")
    # Its looks are its own: the policy of pages would show a black box.
    assert "style-src 'unsafe-inline'" in svg["Content-Security-Policy"]
    assert "sandbox" in svg["Content-Security-Policy"]
    pdf = client.get(board(phase, "human", "figures/psnr.pdf"))
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    for wrong in ("scores.png", "nothing.svg", "scores.svg?study=none", "scores.svg?dataset=none"):
        assert client.get(board(phase, "human", f"figures/{wrong}")).status_code == 404
    assert client.get(board(phase, "human", "figures/ranks.svg?scale=x")).status_code == 400


def test_a_figure_of_nothing_is_not_there(client: Client, phase: Phase) -> None:
    build_scored_study(phase)
    answer = client.get(board(phase, "human", "figures/scores.svg"))
    assert answer.status_code == 404
    assert details(answer) == ["No method is ranked yet, so there is nothing to draw."]


def test_names_can_not_become_formulas(client: Client, phase: Phase) -> None:
    study = build_scored_study(phase)
    for number, entry in enumerate(study.entries.select_related("submission")):
        entry.submission.method = '=HYPERLINK("http://x")' if number else "-2"
        entry.submission.save()
    for kind in ("psnr", "human"):
        table = rows(body(client.get(board(phase, kind, "?format=csv"))))
        assert all(row["method"].startswith("'") for row in table)


def hidden_phases() -> list[Phase]:
    later = build_phase(boards_open_at=NOW + timedelta(microseconds=1))
    return [later, build_phase(boards_open_at=None)]


def hidden_addresses(*phases: Phase) -> list[str]:
    addresses = []
    for phase in phases or hidden_phases():
        study = build_ranked_study(phase)
        addresses += [board(phase, "psnr"), board(phase, "human"), of_study(study, "ranking")]
        addresses += [
            board(phase, "psnr", "?format=nonsense"),
            board(phase, "human", "?study=none"),
        ]
        addresses += [
            board(phase, "human", "figures/ranks.svg?study=none"),
            board(phase, "agreement"),
        ]
    return addresses


def test_hidden_boards_say_when_they_open_and_nothing_of_what_is_on_them(client: Client) -> None:
    nothing = client.get("/api/v1/studies/no-such/ranking/")
    details(nothing)
    for phase in hidden_phases():
        empty = client.get(board(phase, "psnr"))
        at = phase.boards_open_at
        words = f"open at {at.isoformat()}" if at else "have no date to open"
        assert details(empty) == [f"The boards of {phase.name} {words}."]
        for address in hidden_addresses(phase):
            answer, expected = client.get(address), nothing if "/studies/" in address else empty
            assert (answer.status_code, answer.content) == (404, expected.content), address
            assert without_id(answer) == without_id(expected)


def test_organizers_have_hidden_boards_by_token_and_by_session(client: Client) -> None:
    addresses = [address for address in hidden_addresses() if "?" not in address]
    assert {bearer(build_token()).get(a).status_code for a in addresses} == {200}
    client.force_login(build_organizer())
    assert {client.get(a).status_code for a in addresses} == {200}


def test_judgments_are_for_organizers(client: Client, phase: Phase) -> None:
    study = build_ranked_study(phase)
    answer = client.get(of_study(study, "judgments"))
    assert answer.status_code == 401
    assert details(answer) == ["Judgments are for organizers: send a bearer token."]
    client.force_login(build_organizer(is_staff=False))
    assert client.get(of_study(study, "judgments")).status_code == 401


def test_judgments_in_both_formats(phase: Phase) -> None:
    study = build_ranked_study(phase)
    organizer = bearer(build_token())
    answer = json.loads(body(organizer.get(of_study(study, "judgments"))))
    table = rows(body(organizer.get(of_study(study, "judgments", "?format=csv"))))
    assert answer["study"] == study.slug
    assert len(answer["results"]) == len(table) == 18
    assert [str(row["judgment_id"]) for row in answer["results"]] == [
        row["judgment_id"] for row in table
    ]
    assert list(table[0]) == list(answer["results"][0]) == JUDGMENT_COLUMNS


def test_a_study_without_judgments_has_an_empty_list(phase: Phase) -> None:
    study = build_study(phase)
    organizer = bearer(build_token())
    empty = json.loads(body(organizer.get(of_study(study, "judgments"))))
    assert empty == {"study": study.slug, "results": []}
    assert rows(body(organizer.get(of_study(study, "judgments", "?format=csv")))) == []


def test_an_unknown_study_is_not_found(client: Client) -> None:
    assert client.get("/api/v1/studies/nothing/ranking/").status_code == 404
    organizer = bearer(build_token())
    assert organizer.get("/api/v1/studies/nothing/judgments/").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_boards_are_read_only(client: Client, phase: Phase, method: str) -> None:
    assert getattr(client, method)(board(phase, "psnr")).status_code == 405
