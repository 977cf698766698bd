"""Series as files: their columns and formats, and who may have what."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.test import Client

from ratings.challenge.models import Phase, Series
from ratings.ranking.columns import names
from ratings.ranking.series_files import DELTA_COLUMNS, PICTURE_COLUMNS, POINT_COLUMNS
from tests.api.conftest import bearer, details
from tests.builders import NOW, build_token
from tests.ranking.builders import build_series

pytestmark = pytest.mark.django_db
NOISE = {"fine": [30, 20, 10], "coarse": [34, 23, 12]}
LATER = NOW + timedelta(days=365 * 40)


@pytest.fixture
def series() -> Series:
    series = build_series(NOISE, baselines={"coarse"})
    series.phases.update(originals_open_at=NOW)
    return series


def call(series: Series, rest: str = "") -> str:
    return f"/api/v1/series/{series.challenge.slug}/{series.slug}/{rest}"


def body(response: Any) -> bytes:  # noqa: ANN401
    assert response.status_code == 200, response.content
    return b"".join(response)


@pytest.mark.parametrize(
    ("rest", "columns", "rows"),
    [("", POINT_COLUMNS, 6), ("deltas/", DELTA_COLUMNS, 3), ("pictures/", PICTURE_COLUMNS, 12)],
)
def test_one_table_in_three_formats(
    client: Client, series: Series, rest: str, columns: list[Any], rows: int
) -> None:
    answer = json.loads(body(client.get(call(series, rest))))
    assert (answer["series"], len(answer["results"])) == ("rates", rows)
    text = body(client.get(call(series, f"{rest}?format=csv"))).decode()
    table = list(csv.DictReader(io.StringIO(text, newline="")))
    parquet = pq.read_table(io.BytesIO(body(client.get(call(series, f"{rest}?format=parquet")))))
    assert list(table[0]) == parquet.column_names == list(answer["results"][0]) == names(columns)
    assert parquet.to_pylist() == answer["results"]
    assert len(table) == rows
    about = json.loads(parquet.schema.metadata[b"series"])
    assert about == {key: value for key, value in answer.items() if key != "results"}


def test_deltas_beside_another_anchor_and_what_is_not_there(client: Client, series: Series) -> None:
    answer = client.get(call(series, "deltas/?anchor=fine&interpolation=akima")).json()
    assert (answer["anchor"], answer["interpolation"]) == ("fine", "akima")
    psnr, _, human = answer["results"]
    assert psnr["curve"] == "coarse" and psnr["bd_rate_percent"] > 0
    assert human["bd_rate_refused"] == "separate-scales"
    assert client.get(call(series, "deltas/")).json()["anchor"] == "coarse"
    unknown = client.get(call(series, "deltas/?anchor=none"))
    assert unknown.status_code == 404
    assert details(unknown) == ["There is no curve 'none'; there are: coarse, fine."]
    wrong = client.get(call(series, "deltas/?interpolation=linear"))
    assert details(wrong) == ["interpolation: Choose one of: pchip, akima, cubic."]
    assert client.get(call(series, "?dataset=none")).status_code == 404
    assert client.get(call(series, "?dataset=P")).json()["dataset"] == "P"
    assert client.get(call(series, "?format=tex")).status_code == 400


def test_results_for_compressai(client: Client, series: Series) -> None:
    response = client.get(call(series, "results/?curve=fine"))
    document = json.loads(body(response))
    assert document["name"] == "fine" and document["results"]["bpp"] == [1.0, 2.0, 4.0]
    assert 'filename="fine.json"' in response["Content-Disposition"]
    one = json.loads(body(client.get(call(series, "results/?curve=fine&picture=P/a.png"))))
    assert len(one["results"]["psnr-rgb"]) == 3
    for query in ("", "?curve=none", "?curve=fine&picture=P/none.png"):
        assert client.get(call(series, f"results/{query}")).status_code == 404


def test_figures(client: Client, series: Series) -> None:
    assert body(client.get(call(series, "figures/psnr.svg"))).startswith(b"<?xml")
    assert body(client.get(call(series, "figures/psnr.pdf"))).startswith(b"%PDF")
    nothing = client.get(call(series, "figures/ms-ssim.svg"))
    assert nothing.status_code == 404 and "nothing to draw" in details(nothing)[0]
    assert client.get(call(series, "figures/ssim.svg")).status_code == 404
    assert client.get(call(series, "figures/psnr.png")).status_code == 404


def test_what_is_closed_adds_nothing(client: Client) -> None:
    series = build_series(NOISE, boards_open_at=(NOW, LATER, None))
    answer = client.get(call(series)).json()
    assert answer["phases"] == ["rate-0"]
    assert {row["phase"] for row in answer["results"]} == {"rate-0"}
    results = json.loads(body(client.get(call(series, "results/?curve=fine"))))
    assert results["results"]["bpp"] == [1.0]
    # Boards are open and originals are not: pictures may not be named.
    assert client.get(call(series, "pictures/")).json()["results"] == []
    one = client.get(call(series, "results/?curve=fine&picture=P/a.png"))
    assert one.status_code == 404
    organizer = bearer(build_token())
    for rest, found in (("", 6), ("pictures/", 12)):
        seen = organizer.get(call(series, rest)).json()
        assert len(seen["results"]) == found
    Phase.objects.update(boards_open_at=LATER)
    for rest in ("", "deltas/", "pictures/", "results/?curve=fine", "figures/psnr.svg"):
        response = client.get(call(series, rest))
        assert response.status_code == 404
        assert details(response) == ["No board of All rates is open yet."]
