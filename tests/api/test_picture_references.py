"""Others' results picture by picture: brought in as CSV, shown with each picture's numbers."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from ratings.challenge.exchange.dumping import challenge_toml
from ratings.challenge.keys.series_keys import MOST_REFERENCES
from ratings.challenge.models import Phase, Series
from tests.api.conftest import bearer
from tests.builders import NOW, build_token
from tests.ranking.builders import build_series
from tests.web.pages import page

pytestmark = pytest.mark.django_db
NOISE = {"fine": [30, 20, 10], "coarse": [34, 23, 12]}
TABLE = """dataset,picture,bpp,psnr_db,ms_ssim
P,a.png,1.5,22.5,
P,a.png,0.5,20.25,
P,b.png,1,21,0.875
"""
WHOLE = {"name": "VTM", "source": "", "bpp": [1.0], "psnr": [21.5], "ms_ssim": []}


@pytest.fixture
def series() -> Series:
    series = build_series(NOISE, references=[WHOLE])
    series.phases.update(originals_open_at=NOW)
    return series


@pytest.fixture
def organizer() -> Client:
    return bearer(build_token())


def call(series: Series, rest: str = "") -> str:
    return f"/api/v1/series/{series.challenge.slug}/{series.slug}/{rest}"


def put(client: Client, series: Series, text: str, name: str = "VTM") -> Any:  # noqa: ANN401
    path = call(series, f"references/pictures/?name={name}&source=VTM+23")
    return client.put(path, text.encode(), "text/csv")


def body(response: Any) -> str:  # noqa: ANN401
    assert response.status_code == 200, response.content
    return b"".join(response).decode()


def series_references() -> list[dict[str, Any]]:
    references: list[dict[str, Any]] = Series.objects.get().references
    return references


def test_they_come_and_go_with_a_name_and_are_part_of_the_definition(
    organizer: Client, client: Client, series: Series
) -> None:
    assert put(client, series, TABLE).status_code == 401
    for _ in range(2):
        told = put(organizer, series, TABLE)
        assert told.json() == {"name": "VTM", "pictures": ["P/a.png", "P/b.png"]}, told.content
    series.refresh_from_db()
    assert [one.get("picture") for one in series.references] == [None, "P/a.png", "P/b.png"]
    assert series.references[0] == WHOLE
    text = challenge_toml(series.challenge)
    assert text.count('picture = "P/') == 2
    # Another file of results of all pictures leaves them.
    whole = {"name": "VTM", "results": {"bpp": [1, 2], "psnr-rgb": [21, 23]}}
    organizer.put(call(series, "references/"), whole, "application/json")
    series.refresh_from_db()
    assert [one.get("picture") for one in series.references] == ["P/a.png", "P/b.png", None]
    assert organizer.delete(call(series, "references/?name=VTM")).status_code == 204
    series.refresh_from_db()
    assert series.references == []


def test_each_stands_with_its_picture_and_not_on_the_curves(
    organizer: Client, client: Client, series: Series
) -> None:
    assert put(organizer, series, TABLE).status_code == 200
    slug = series.challenge.slug
    html = page(client, f"/{slug}/rate-1/pictures/a.png/")
    assert html.count("VTM (reference)") == 2 and "VTM 23" in html
    assert html.index("0.5000") < html.index("1.5000") and "20.25" in html
    other = page(client, f"/{slug}/rate-1/pictures/b.png/")
    assert other.count("VTM (reference)") == 1 and "0.8750" in other
    rows = list(csv.DictReader(io.StringIO(body(client.get(call(series, "pictures/?format=csv"))))))
    own = [row for row in rows if row["curve"] == "VTM (reference)"]
    assert [(row["picture"], row["bpp"], row["psnr_db"]) for row in own] == [
        ("a.png", "0.5", "20.25"),
        ("a.png", "1.5", "22.5"),
        ("b.png", "1.0", "21.0"),
    ]
    results = call(series, "results/?curve=VTM (reference)&picture=P/a.png")
    assert json.loads(body(client.get(results)))["results"]["bpp"] == [0.5, 1.5]
    # With a curve of all pictures of its name or without, and of its data set alone.
    for query, status in (("P/b.png", 200), ("P/none.png", 404), ("P/a.png&dataset=P", 200)):
        one = client.get(call(series, f"results/?curve=VTM (reference)&picture={query}"))
        assert one.status_code == status, query
    Series.objects.update(references=[one for one in series_references() if "picture" in one])
    assert json.loads(body(client.get(results)))["results"]["bpp"] == [0.5, 1.5]
    Series.objects.update(references=[WHOLE, *series_references()])
    points = client.get(call(series)).json()["results"]
    assert [row["bpp"] for row in points if row["kind"] == "reference"] == [1.0]
    # What is not shown of the pictures is not shown of references on them.
    Phase.objects.update(originals_open_at=None)
    assert client.get(f"/{slug}/rate-1/pictures/a.png/").status_code == 404
    assert "a.png" not in body(client.get(call(series, "pictures/?format=csv")))
    assert client.get(results).status_code == 404


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("\n", "file is empty"),
        ("dataset,picture,bpp,psnr_db\n", "no line but its first"),
        ("dataset,picture\nP,a.png\n", "Missing column bpp"),
        ("dataset,picture,bpp,psnr_db\nP,no.png,1,2\n", "Line 2: there is no picture 'P/no.png'"),
        ("dataset,picture,bpp,psnr_db\nP,a.png,x,2\n", "bpp is 'x'; write a number"),
        ("dataset,picture,bpp,psnr_db\nP,a.png\n", "has 2 fields"),
        ("dataset,picture,bpp,psnr_db\nP,a.png,1,nan\n", "from 0 to 200"),
        ("dataset,picture,bpp,psnr_db\nP,a.png,1,2\nP,a.png,1,3\n", "each another one"),
        ("dataset,picture,bpp,psnr_db\nP,a.png,1,2\nP,a.png,2,\n", "1 numbers for 2 rates"),
        ("dataset,picture,bpp\nP,a.png,1\n", "or `ms_ssim`"),
        ("\udcff", "not UTF-8"),
    ],
)
def test_what_is_wrong_is_named_and_changes_nothing(
    organizer: Client, series: Series, text: str, problem: str
) -> None:
    path = call(series, "references/pictures/?name=VTM")
    refused = organizer.put(path, text.encode(errors="surrogateescape"), "text/csv")
    assert refused.status_code == 422, refused.content
    assert any(problem in one["detail"] for one in refused.json()["errors"]), refused.json()
    series.refresh_from_db()
    assert series.references == [WHOLE]


def test_all_that_is_wrong_is_named_at_once(organizer: Client, series: Series) -> None:
    text = "dataset,picture,bpp,psnr_db,ms_ssim\nP,a.png,-1,abc,2\nP,none.png,x,1,\nP,b.png,1,,\n"
    refused = put(organizer, series, text, name="")
    told = [one["detail"] for one in refused.json()["errors"]]
    said = [
        *("Line 2: bpp is '-1'", "Line 2: psnr_db is 'abc'", "Line 2: ms_ssim is '2'"),
        *("Line 3: there is no picture", "Line 3: bpp is 'x'"),
        *("The reference: name", "The reference on P/b.png: psnr"),
    ]
    assert len(told) == len(said), told
    assert all(problem.startswith(words) for words, problem in zip(said, told, strict=True)), told
    many = "".join(f"P,a.png,-{number},,\n" for number in range(90))
    refused = put(organizer, series, f"dataset,picture,bpp,psnr_db,ms_ssim\n{many}")
    assert len(refused.json()["errors"]) == 21
    assert refused.json()["errors"][-1]["detail"] == "70 more lines have problems."


def test_there_are_so_many_names(organizer: Client, series: Series) -> None:
    assert put(organizer, series, TABLE, name="").status_code == 422
    for number in range(MOST_REFERENCES - 1):
        assert put(organizer, series, TABLE, name=f"codec-{number}").status_code == 200
    refused = put(organizer, series, TABLE, name="more")
    assert "at most 20" in refused.json()["errors"][0]["detail"]
