"""The desk's page on raters: for organizers alone, and what it shows."""

import csv
import io

import pytest
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ratings.comparisons.judgments.screening import decide
from ratings.comparisons.models import Judgment, Rater, Study
from ratings.ranking.evidence.rater_reports import make_report
from ratings.web.desk.parts.desk_charts import share
from tests.builders import NOW, build_organizer
from tests.comparisons.checks import build_goldens
from tests.ranking.builders import judge_all
from tests.web.builders import build_ranked_study, build_running_phase, build_scored_study
from tests.web.pages import markup

pytestmark = pytest.mark.django_db


def answer(client: Client, study: Study, end: str) -> HttpResponseBase:
    client.force_login(build_organizer())
    response = client.get(f"/desk/studies/{study.slug}/{end}")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    return response


def page(client: Client, study: Study, end: str = "raters/") -> str:
    make_report(study, NOW)
    return markup(answer(client, study, end))


def table(client: Client, study: Study) -> str:
    make_report(study, NOW)
    return answer(client, study, "raters.csv").getvalue().decode()


@pytest.mark.parametrize("end", ["raters/", "raters.csv"])
def test_it_is_for_organizers_alone(client: Client, end: str) -> None:
    path = f"/desk/studies/any/{end}"
    assert client.get(path)["Location"] == f"/desk/login/?next={path}"
    client.force_login(build_organizer(is_staff=False))
    assert client.get(path).status_code == 403
    client.force_login(build_organizer())
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 405


def test_every_rater_has_a_row(client: Client) -> None:
    study = build_ranked_study(build_running_phase(), simulated=True)
    html = page(client, study)
    assert "Simulated" in html and "Krippendorff" in html
    for rater in study.raters.all():
        assert f'title="{rater.pk.hex}">{rater.pk.hex[:8]}<' in html
    assert "A second fit" in html and "Each picture" in html
    assert f"/desk/studies/{study.slug}/raters.csv" in html
    assert f"/desk/studies/{study.slug}/raters/" in page(client, study, "")


def test_a_flag_is_said_in_words(client: Client) -> None:
    study = build_scored_study(build_running_phase())
    judge_all(study, raters=10, judgments=40)
    hasty = study.raters.order_by("pk")[0]
    Judgment.objects.filter(trial__rater=hasty).update(choice="left", response_ms=90)
    html = page(client, study)
    assert "Half of the answers came within 0.09 s; the crowd&#x27;s median is 4.0 s." in html
    assert html.index(hasty.pk.hex) < min(
        html.index(rater.pk.hex) for rater in study.raters.exclude(pk=hasty.pk)
    )
    assert "simulated" not in html.lower()


def test_the_table_as_a_file(client: Client) -> None:
    study = build_ranked_study(build_running_phase())
    lines = table(client, study).splitlines()
    start = "rater,simulated,state,reason,decided_by,decided_at,judgments,quality,goldens,"
    assert lines[0].startswith(start) and ",ms_median," in lines[0]
    assert len(lines) == 4 and all(",false,used,,,,6,,0," in line for line in lines[1:])


def test_the_file_has_figures_states_and_reasons(client: Client) -> None:
    study = build_ranked_study(build_running_phase())
    rater = study.raters.order_by("pk")[0]
    build_goldens(rater, [True, True, False])
    decide(rater, Rater.State.NOT_USED, "=Looked away", by=build_organizer(), now=NOW)
    (row,) = [
        one
        for one in csv.DictReader(io.StringIO(table(client, study)))
        if one["rater"] == rater.pk.hex
    ]
    assert (row["state"], row["reason"]) == ("not_used", "'=Looked away")
    assert (row["decided_by"], row["decided_at"]) == ("organizer", NOW.isoformat())
    assert (row["goldens"], row["golden_right"], row["quality"]) == ("3", "2.0", "")
    assert (row["ms_median"], row["flips_p5"], row["answers"]) == ("4000.0", "3.0", "9")
    assert row["agreement"] != "" and row["reliability"] == ""


def test_a_rater_who_is_not_used_stands_there_with_the_reason(client: Client) -> None:
    study = build_ranked_study(build_running_phase())
    rater = study.raters.order_by("pk")[0]
    decide(rater, Rater.State.NOT_USED, "Looked away.", now=NOW)
    html = page(client, study)
    assert "Looked away." in html and "paid all the same" in html
    assert "12 judgments count" in html
    assert html.index(rater.pk.hex) < min(
        html.index(other.pk.hex) for other in study.raters.exclude(pk=rater.pk)
    )


def test_decisions_are_those_of_now_and_figures_those_of_the_report(client: Client) -> None:
    study = build_ranked_study(build_running_phase())
    assert "and 1 rejected" not in page(client, study)
    first, second = study.raters.order_by("pk")[:2]
    decide(first, Rater.State.REJECTED, "Not a person.", now=NOW)
    html = markup(answer(client, study, "raters/"))
    assert "Not a person." in html and "and 1 rejected" in html
    assert "18 judgments count" in html
    assert f"/raters/{second.pk}/" in html


def test_before_the_report_is_made_the_page_says_so(client: Client) -> None:
    study = build_ranked_study(build_running_phase())
    html = markup(answer(client, study, "raters/"))
    assert "The report is being made" in html
    assert len(answer(client, study, "raters.csv").getvalue().splitlines()) == 1


def test_a_page_costs_as_many_statements_with_many_raters_as_with_few(client: Client) -> None:
    study = build_scored_study(build_running_phase())
    costs = []
    for raters in (3, 60):
        judge_all(study, raters=raters, judgments=1)
        page(client, study)
        with CaptureQueriesContext(connection) as statements:
            html = markup(answer(client, study, "raters/"))
        costs.append(len(statements))
    assert costs[0] == costs[1]
    assert "of 63</span>" in " ".join(html.split())


def test_a_study_without_judgments(client: Client) -> None:
    assert "Nobody has judged yet" in page(client, build_scored_study(build_running_phase()))


def test_a_share_is_drawn_with_its_interval_or_as_an_empty_line() -> None:
    drawn = share(0.75, 0.5, 1.0)
    assert 'cx="75.00%"' in drawn and 'x1="50.00%" x2="100.00%"' in drawn
    assert "circle" not in share(None, None, None)
