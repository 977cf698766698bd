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
from ratings.ranking.tables.columns import names
from ratings.ranking.tables.series_files import DELTA_COLUMNS, PICTURE_COLUMNS, POINT_COLUMNS
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
    svg = client.get(call(series, "figures/psnr.svg"))
    assert body(svg).startswith(b"<?xml")
    assert "style-src 'unsafe-inline'" in svg["Content-Security-Policy"]
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


VTM = {
    "name": "VTM",
    "description": "VTM 23",
    "results": {
        "bpp": [1.0, 2.0, 4.0],
        "psnr-rgb": [21, 24.5, 28],
        "ms-ssim-rgb": [0.8, 0.9, 0.95],
        "encoding_time": [1, 2, 3],
    },
}


def put(client: Client, series: Series, document: object) -> Any:  # noqa: ANN401
    return client.put(call(series, "references/"), document, "application/json")


def test_a_reference_is_brought_in_replaced_and_taken_away(client: Client, series: Series) -> None:
    organizer = bearer(build_token())
    assert put(client, series, VTM).status_code == 401
    assert put(organizer, series, VTM).status_code == 200
    assert put(organizer, series, VTM | {"description": "VTM 24"}).status_code == 200
    (version, *_) = series.challenge.versions.all()
    assert "references" in version.changes[0]
    rows = [row for row in client.get(call(series)).json()["results"] if row["kind"] == "reference"]
    assert [row["psnr_db"] for row in rows] == [21.0, 24.5, 28.0]
    assert {row["curve"] for row in rows} == {"VTM (reference)"}
    written = json.loads(body(client.get(call(series, "results/?curve=VTM (reference)"))))
    assert written["results"]["ms-ssim-rgb"] == [0.8, 0.9, 0.95]
    assert put(organizer, series, written | {"name": "Again"}).status_code == 200
    assert organizer.delete(call(series, "references/?name=VTM")).status_code == 204
    assert organizer.delete(call(series, "references/?name=VTM")).status_code == 404
    series.refresh_from_db()
    assert [one["name"] for one in series.references] == ["Again"]


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ({"bpp": [1, 2], "psnr-rgb": [1]}, "1 numbers for 2 rates"),
        ({"bpp": [1, -2], "psnr-rgb": [1, 2]}, "from 0 to 1000"),
        ({"bpp": [1, 1e308], "psnr-rgb": [1, 2]}, "from 0 to 1000"),
        ({"bpp": [1, None], "psnr-rgb": [1, 2]}, "from 0 to 1000"),
        ({"bpp": [1, [2]], "psnr-rgb": [1, 2]}, "from 0 to 1000"),
        ({"bpp": list(range(1, 200)), "psnr-rgb": [1, 2]}, "at most 100"),
        ({"bpp": "1", "psnr-rgb": [1, 2]}, "list of numbers"),
        ({"bpp": [1, 2]}, "or `ms_ssim`"),
        ([], "It must be"),
    ],
)
def test_a_hostile_file_of_results_changes_nothing(
    series: Series, results: object, words: str
) -> None:
    refused = put(bearer(build_token()), series, json.dumps({"name": "X", "results": results}))
    assert refused.status_code in (400, 422), refused.content
    assert any(words in line for line in details(refused)), details(refused)
    series.refresh_from_db()
    assert series.references == []


@pytest.mark.parametrize("name", ["", "nan", 5, None, "a\u0000b", "x" * 200])
def test_a_hostile_name_changes_nothing(series: Series, name: object) -> None:
    refused = put(bearer(build_token()), series, json.dumps(VTM | {"name": name}))
    assert refused.status_code == 422
    assert details(refused)[0].startswith("The reference: name: ")


def test_infinities_and_too_many_references_are_refused(series: Series) -> None:
    organizer = bearer(build_token())
    text = '{"name": "X", "results": {"bpp": [NaN], "psnr-rgb": [1]}}'
    assert put(organizer, series, text).status_code == 400
    assert put(organizer, series, text.replace("NaN", "1e999")).status_code == 422
    series.references = [
        {"name": f"r{n}", "source": "", "bpp": [1], "psnr": [1], "ms_ssim": []} for n in range(20)
    ]
    series.save()
    assert "at most 20" in details(put(organizer, series, VTM))[0]
    assert put(organizer, series, VTM | {"name": "r1"}).status_code == 200
