"""Three rates of one task: a visitor sees them on one page, changes the anchor, takes files."""

import base64
import hashlib
import io
import json
import re
import shlex
import urllib.request
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, features
from playwright.sync_api import Browser, Page, expect

from tests.journeys import studies
from tests.journeys.axe import violations
from tests.journeys.conftest import Site
from tests.journeys.contest import FAR_OFF, LONG_AGO, PASSWORD
from tests.journeys.looking import PUBLIC_SIZES, look
from tests.journeys.profiles import PATIENCE_MS, profile
from tests.journeys.studies import QUIET, toml
from tests.waiting import PATIENCE_SECONDS, eventually

SLUG, OVER = "rates", "2019-01-15T00:00:00Z"
# How far what belongs to a figure stands below it, at most, in px.
FARTHEST = """() => Math.max(...[...document.querySelectorAll(".rate-table td a + .beside")].map(
  (one) => one.getBoundingClientRect().top - one.previousSibling.getBoundingClientRect().bottom))"""
# Names of the rates, and the quality of each format there.
RATES = {
    "low": {"JPEG": 8, "WEBP": 8},
    "middle": {"JPEG": 35, "WEBP": 40},
    "high": {"JPEG": 75, "WEBP": 80},
}
REFERENCE = {
    "name": "VTM",
    "source": "A made-up curve, for this test",
    "bpp": [0.25, 0.5, 1.0],
    "psnr": [27.0, 30.5, 34.0],
}


def definition(folder: Path, *, closes: str, more: str = "") -> str:
    """Write the file, with more keys of each rate, and its originals; return its path."""
    (folder / "J").mkdir(parents=True, exist_ok=True)
    for name, rgb in studies.pictures().items():
        Image.fromarray(rgb).save(folder / "J" / name)
    lines = [f'slug = "{SLUG}"', 'name = "Rates"', 'summary = "Three rates of one task."']
    lines += ['license = "CC-BY-4.0"']
    lines += ["[[dataset]]", 'slug = "J"', 'name = "Cuts"', 'originals = "J"']
    for rate in RATES:
        lines += ["[[phase]]", f'slug = "{rate}"', f'name = "{rate.capitalize()} rate"']
        lines += ['datasets = ["J"]', f"opens = {LONG_AGO}", f"closes = {closes}"]
        lines += [f"boards_open = {LONG_AGO}", f"originals_open = {LONG_AGO}", more]
    lines += ["[[series]]", 'slug = "all"', 'name = "All rates"']
    lines += [f"phases = {toml(list(RATES))}", f"references = [{toml(REFERENCE)}]"]
    study = {"phase": "high", "series": "all", "slug": "rates-all", "name": "All rates", **QUIET}
    study |= {"consent": "You take part of your own free will.", "recruiting": {"open": False}}
    lines += ["[[study]]", *(f"{key} = {toml(value)}" for key, value in study.items())]
    file = folder / "rates.toml"
    file.write_text("\n".join(lines))
    return str(file)


def send(site: Site, team: str, verb: str, path: str, body: bytes) -> dict[str, Any]:
    login = base64.b64encode(f"{team}:{PASSWORD}".encode()).decode()
    kind = "application/json" if verb == "POST" else "application/octet-stream"
    headers = {"Authorization": f"Basic {login}", "Content-Type": kind}
    request = urllib.request.Request(f"{site.url}/api/v1/{path}", body, headers, method=verb)
    with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        sent: dict[str, Any] = json.load(answer)
    return sent


def submit(site: Site, rate: str, method: str, quality: int) -> None:
    """Send a method's bitstreams and decoded pictures of one rate."""
    team = f"Team {method}"
    begun = {"challenge": SLUG, "phase": rate, "method": method, "email": "r@example.org"}
    new = send(site, team, "POST", "submissions/", json.dumps(begun).encode())
    where = f"submissions/{new['id']}/"
    for name, rgb in studies.pictures().items():
        bits, png = io.BytesIO(), io.BytesIO()
        Image.fromarray(rgb).save(bits, method, quality=quality)
        Image.open(bits).convert("RGB").save(png, "PNG")
        suffix = method.lower()
        bitstream = f"{where}bitstreams/{Path(name).stem}.{suffix}"
        send(site, team, "PUT", bitstream, bits.getvalue())
        send(site, team, "PUT", f"{where}decoded/{name}", png.getvalue())
    send(site, team, "POST", f"{where}submit/", b"{}")


def points(site: Site) -> list[dict[str, Any]]:
    with urllib.request.urlopen(
        f"{site.url}/api/v1/series/{SLUG}/all/", timeout=PATIENCE_SECONDS
    ) as answer:
        found: list[dict[str, Any]] = json.load(answer)["results"]
    return found


@pytest.fixture(scope="module")
def rates(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    assert features.check("webp")
    folder = tmp_path_factory.mktemp("rates")
    site.manage("load_challenge", definition(folder, closes=FAR_OFF))
    for rate, methods in RATES.items():
        for method, quality in methods.items():
            submit(site, rate, method, quality)
    # No other journey finds a phase of it open.
    site.manage("load_challenge", definition(folder, closes=OVER))
    eventually(lambda: sum(row["ms_ssim"] is not None for row in points(site)) == 6, every=1)
    eventually(lambda: judged(site), every=1)
    return site


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A laptop's page."""
    with profile(browser) as context:
        yield context.new_page()


def judged(site: Site) -> bool:
    """Let synthetic raters judge once all six entries are in the study; tell whether they did."""
    ranked = f"{site.url}/api/v1/studies/rates-all/ranking/"
    with urllib.request.urlopen(ranked, timeout=PATIENCE_SECONDS) as answer:
        if len(json.load(answer)["results"]) < 6:
            return False
    site.manage("simulate_raters", "rates-all", "--raters", "12", "--judgments", "600")
    return True


def test_all_rates_on_one_page(page: Page, rates: Site) -> None:
    page.goto(f"{rates.url}/{SLUG}/")
    page.get_by_role("link", name="All rates together").click()
    expect(page.get_by_role("heading", name="All rates", exact=True)).to_be_visible()
    expect(page.locator("svg.rates")).to_have_count(3)
    savings = page.locator("section", has=page.locator("#savings"))
    expect(savings.get_by_role("row", name="WEBP")).to_contain_text("%")
    expect(page.locator("section", has=page.locator("#human"))).to_contain_text(
        "all heights are on one scale"
    )
    assert violations(page) == []
    assert page.evaluate(FARTHEST) < 10  # px
    look(page, "series", PUBLIC_SIZES)
    page.get_by_label("Compare with").select_option("WEBP")
    page.get_by_label("Interpolation").select_option("cubic")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="What each saves beside WEBP")).to_be_visible()
    expect(savings.get_by_role("row", name="JPEG")).to_contain_text("too few rates")
    look(page, "series-refused", PUBLIC_SIZES)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="WEBP", exact=True).last.click()
    document = json.loads(downloading.value.path().read_text())
    assert document["name"] == "WEBP" and len(document["results"]["ms-ssim-rgb"]) == 3


def test_its_ranking_is_frozen_cited_released_and_made_again(
    page: Page, rates: Site, tmp_path: Path
) -> None:
    study = f"{rates.url}/desk/studies/rates-all/"
    page.goto(f"{rates.url}/desk/login/?next=/desk/studies/rates-all/")
    page.fill("[name=username]", "organizer")
    page.fill("[name=password]", rates.password)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Close the study")).to_be_visible()
    frozen_from = f"boards_frozen_from = {datetime.now(UTC).isoformat()}"
    rates.manage("load_challenge", definition(tmp_path, closes=OVER, more=frozen_from))
    series, cite = f"{rates.url}/{SLUG}/series/all/", "The ranking across the rates, for citation"
    # Organizers see what the boards were frozen at.
    eventually(lambda: cite in page.request.get(series).text(), every=1)
    rates.manage("load_challenge", definition(tmp_path, closes=OVER))
    page.goto(series)
    page.get_by_role("link", name=cite).click()
    expect(page.get_by_role("heading", name="Check it")).to_be_visible()
    call = re.search(r"'(.*)'", page.locator("pre").last.inner_text())
    assert call
    document = page.request.get(call[1]).body()
    assert hashlib.sha256(document).hexdigest() == page.url.rstrip("/").rpartition("/")[2]

    page.goto(study)
    page.get_by_text("Close the study").click()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("button", name="Open again")).to_be_visible()
    page.get_by_role("link", name="Public release").click()
    page.get_by_label("Everybody may have it").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".tag.live")).to_have_text("published", timeout=PATIENCE_MS)

    page.goto(series)
    page.get_by_role("link", name="Check it yourself").click()
    whole, commands = page.locator("pre").all_inner_texts()
    fetched = page.request.get(shlex.split(whole.splitlines()[0])[-1]).body()
    zipfile.ZipFile(io.BytesIO(fetched)).extractall(tmp_path)
    (folder,) = tmp_path.glob("rates-all-v*")
    line = commands.splitlines()[-1]
    command = shlex.split(line.replace("$RELEASE", str(folder)))
    printed = json.loads(rates.manage(*command[command.index("rank") :]))
    rankings = json.loads((folder / "rankings.json").read_text())
    (told,) = (one for one in rankings if one["command"] == line)
    names = ("method", "rank", "score", "ci_low", "ci_high")
    assert len(told["results"]) == 6
    for made, published in zip(printed["results"], told["results"], strict=True):
        assert [made[name] for name in names] == [published[name] for name in names]
