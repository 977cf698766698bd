"""A curious rater with the developer tools finds no better than chance which method is which.

All that a browser gets to know of a picture but its samples is collected over many trials: its
address, the answers' headers, sizes and timings, the trial around it. A classifier is fitted on
half of the crops and asked about the other half. That it would find a leak is seen by giving it
one: the picture's length before the files of a crop were padded to one length.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page
from scipy.stats import binomtest

from tests.journeys.conftest import Site
from tests.journeys.profiles import profile
from tests.journeys.rater import Rater

RATERS = 2
# Below it, what was found is called a leak; there is one such test for each run.
LEAK = 1e-4
METHODS_OF_ADDRESSES = """
import json
from ratings.comparisons.models import CropVersion
versions = CropVersion.objects.filter(crop__study__slug="demo", kind="entry")
print(json.dumps({v.address: [v.entry.label, v.crop_id] for v in versions.select_related("entry")}))
"""
# Goes through all trials of a new rater, as fast as a script can, and tells all that it sees.
SPY = """
async () => {
  const api = "/api/v1/studies/demo/";
  const json = { "Content-Type": "application/json" };
  const seen = [];
  await fetch(`${api}raters/`, { method: "POST", headers: json, body: '{"consent": true}' });
  for (;;) {
    const list = await (await fetch(`${api}trials/next/?count=10`)).json();
    if (list.results.length === 0) return seen;
    for (const [place, trial] of list.results.entries()) {
      for (const side of ["left", "right"]) {
        const begun = performance.now();
        const answer = await fetch(trial[side], { cache: "no-store" });
        const headersMs = performance.now() - begun;
        const file = new Uint8Array(await answer.arrayBuffer());
        const wholeMs = performance.now() - begun;
        const entry = performance.getEntriesByName(answer.url).at(-1);
        seen.push({
          side, trial, place, headersMs, wholeMs,
          path: trial[side],
          status: answer.status,
          headers: Object.fromEntries(answer.headers),
          length: file.length,
          transferSize: entry?.transferSize, encodedBodySize: entry?.encodedBodySize,
          begins: [...file.slice(0, 12)],
          // Of the samples; the leak that shows what the classifier can do.
          unpadded: new DataView(file.buffer).getUint32(16, true),
        });
      }
      const body = JSON.stringify({ choice: "left", response_ms: 5000 });
      await fetch(trial.judgment, { method: "PUT", headers: json, body });
    }
    performance.clearResourceTimings();
  }
}
"""


@dataclass(frozen=True)
class Pictures:
    """All that was seen of each picture, as numbers: a row a picture, the mean of its sightings."""

    features: NDArray[np.float64]
    methods: NDArray[np.int64]
    crops: NDArray[np.int64]


@pytest.fixture(scope="module")
def seen(site: Site, browser: Browser) -> list[dict[str, Any]]:
    return spied(site, browser)


def spied(site: Site, browser: Browser) -> list[dict[str, Any]]:
    """Return all that new raters see of all pictures of all their trials."""
    pictures: list[dict[str, Any]] = []
    for _ in range(RATERS):
        with profile(browser) as context:
            page = context.new_page()
            page.goto(f"{site.url}/rate/demo/")
            pictures += page.evaluate(SPY)
    return pictures


@pytest.fixture(scope="module")
def truth(site: Site) -> dict[str, tuple[str, int]]:
    """Return the method and crop of each address, which only the server knows."""
    printed = site.manage("shell", "--verbosity=0", "-c", METHODS_OF_ADDRESSES)
    return {key: (label, crop) for key, (label, crop) in json.loads(printed).items()}


@pytest.mark.parametrize("best", [1, 3, 10])
def test_nothing_around_the_pictures_tells_the_method(
    site: Site,
    browser: Browser,
    seen: list[dict[str, Any]],
    truth: Mapping[str, tuple[str, int]],
    best: int,
) -> None:
    """What looks like a leak once, as timings may while others are at work, must show again."""
    assert len(seen) == RATERS * 2 * 100
    right, asked, chance = ask(gather(seen, truth, leak=False), best)
    if binomtest(right, asked, chance, "greater").pvalue > LEAK:
        return
    again, asked, chance = ask(gather(spied(site, browser), truth, leak=False), best)
    found = f"{right}, then {again} of {asked}"
    assert binomtest(again, asked, chance, "greater").pvalue > LEAK, found


def test_a_leak_would_be_found(
    seen: list[dict[str, Any]], truth: Mapping[str, tuple[str, int]]
) -> None:
    right, asked, chance = ask(gather(seen, truth, leak=True), 1)
    assert binomtest(right, asked, chance, "greater").pvalue < LEAK, f"{right} of {asked}"


def test_versions_of_a_crop_are_alike_in_all_but_their_samples(
    seen: list[dict[str, Any]], truth: Mapping[str, tuple[str, int]]
) -> None:
    of_crop: dict[int, set[str]] = {}
    for picture in seen:
        varies = {"date", "x-request-id"}
        headers = {k: v for k, v in picture["headers"].items() if k not in varies}
        alike = [
            headers,
            picture["length"],
            picture["encodedBodySize"],
            picture["begins"],
            picture["status"],
        ]
        of_crop.setdefault(crop_of(picture, truth), set()).add(json.dumps(alike))
    assert {len(kinds) for kinds in of_crop.values()} == {1}


def test_no_answer_or_storage_names_a_method(
    site: Site, page: Page, truth: Mapping[str, tuple[str, int]]
) -> None:
    words: list[str] = []
    page.on("response", lambda answer: words.append(f"{answer.url} {answer.headers}"))
    page.on(
        "response",
        lambda answer: words.append(answer.text()) if "/api/" in answer.url else None,
    )
    rater = Rater(page, site)
    rater.begin()
    for number in range(1, 4):
        rater.sees_trial(number)
        rater.answer()
    rater.sees_trial(4)
    rater.all_saved()
    assert [text for text in words if '"results"' in text]  # they can be read at all
    words += [page.content(), json.dumps(page.context.storage_state())]
    words += [page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")]
    teams = ("AVIF demo team", "Half-size demo team")
    for name in {method for method, _ in truth.values()} | set(teams):
        assert not [text for text in words if f'"{name}"' in text or name in text.split()]
    assert page.evaluate("localStorage.length") == 0


def test_the_address_of_a_preview_shows_a_stranger_nothing(
    site: Site, page: Page, truth: Mapping[str, tuple[str, int]]
) -> None:
    preview = f"{site.url}/desk/challenges/demo/preview/visitor/2037-01-01T00:00:00Z"
    for path in ("/demo/", "/demo/open/board/", "/demo/previews/E/chelsea.png", "/rate/demo/"):
        page.goto(f"{preview}{path}")
        assert page.url.startswith(f"{site.url}/desk/login/")
        for name in {method for method, _ in truth.values()}:
            assert name not in page.locator("body").inner_text().split()


def crop_of(picture: dict[str, Any], truth: Mapping[str, tuple[str, int]]) -> int:
    return truth[address(picture)][1]


def address(picture: dict[str, Any]) -> str:
    return str(picture["path"].split("/")[-1].removesuffix(".webp"))


def gather(
    seen: list[dict[str, Any]], truth: Mapping[str, tuple[str, int]], *, leak: bool
) -> Pictures:
    labels = sorted({method for method, _ in truth.values()})
    sightings: dict[str, list[list[float]]] = {}
    for picture in seen:
        sightings.setdefault(address(picture), []).append(describe(picture, leak=leak))
    methods = [labels.index(truth[key][0]) for key in sightings]
    crops = np.array([truth[key][1] for key in sightings])
    means = np.array([np.mean(rows, axis=0) for rows in sightings.values()])
    # Also beside the other versions of the same crop, which a rater gets to know in time.
    beside = means - np.array([means[crops == crop].mean(axis=0) for crop in crops])
    return Pictures(np.hstack([means, beside]), np.array(methods), crops)


def describe(picture: dict[str, Any], *, leak: bool) -> list[float]:
    """Return all that is known of a picture as numbers."""
    trial = picture["trial"]
    texts = [address(picture), trial["id"].replace("-", ""), json.dumps(picture["headers"])]
    digits = [int(digit, 16) for text in texts[:2] for digit in text]
    length = picture["length"]
    return [
        *digits,
        *(sum(map(ord, text)) for text in texts),
        *(
            picture["headersMs"],
            picture["wholeMs"],
            length,
            picture["transferSize"],
            picture["encodedBodySize"],
        ),
        *(picture["side"] == "left", trial["number"], picture["place"], *picture["begins"]),
        *([np.log(picture["unpadded"] / length)] if leak else []),
    ]


def ask(pictures: Pictures, best: int) -> tuple[int, int, float]:
    """Fit on half of the crops; return how many pictures of the others are named rightly.

    Chance is the share of the most frequent method.
    """
    order = np.random.default_rng(1).permutation(np.unique(pictures.crops))
    fitted = np.isin(pictures.crops, order[: len(order) // 2])
    guesses = discriminate(pictures.features, pictures.methods, fitted, best)
    methods = pictures.methods[~fitted]
    chance = np.bincount(methods).max() / len(methods)
    return int((guesses == methods).sum()), len(methods), float(chance)


def discriminate(
    features: NDArray[np.float64], methods: NDArray[np.int64], fitted: NDArray[np.bool_], best: int
) -> NDArray[np.int64]:
    """Name the rows that are not fitted: by the nearest method.

    Near is what is near in the `best` features: those that part the methods best, by the ratio of
    the variance between them to that within them.
    """
    x, y = features[fitted], methods[fitted]
    labels = np.unique(y)
    centres = np.array([x[y == label].mean(axis=0) for label in labels])
    within = np.mean([x[y == label].var(axis=0) for label in labels], axis=0) + 1e-12
    used = np.argsort(centres.var(axis=0) / within)[-best:]
    z = (features[~fitted][:, None, used] - centres[:, used]) / np.sqrt(within[used])
    guessed: NDArray[np.int64] = labels[(z**2).sum(axis=2).argmin(axis=1)]
    return guessed
