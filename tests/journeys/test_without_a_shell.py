"""A whole challenge with nothing but a browser: begun, filled, taken part in, judged, published.

At the end the definition says all of it, and loading it elsewhere makes the same.
"""

import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from ratings.imaging.pixels import Rgb
from tests.journeys.conftest import SCREENSHOTS, Site
from tests.journeys.console import Console
from tests.journeys.contest import DECODE, PASSWORD, compress, pictures
from tests.journeys.profiles import PATIENCE_MS, profile
from tests.journeys.rater import Rater
from tests.waiting import eventually

SLUG = "meadow"
DESK = f"/desk/challenges/{SLUG}"
ORIGINALS = pictures(0, 3)
RATERS, TRIALS = 3, 3  # one pair of methods on three crops
STUDY = f"""
[[study]]
phase = "main"
slug = "{SLUG}-people"
name = "Which is closer?"
consent = "You compare pictures of your own free will."
crop_size = [64, 64]
crops_per_picture = 1
trials_per_rater = {TRIALS}
languages = ["en", "de"]
translations = [{{ language = "de", name = "Was ist näher?", question = "Was ist näher dran?", \
consent = "Sie vergleichen Bilder aus freien Stücken." }}]
training = {{ trials = 0 }}
checks = {{ golden = 0.0, repeats = 0.0 }}
screening = {{ drop_under_ms = 0 }}
"""
Open = Callable[[], Page]


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Open]:
    """Return a function that opens a browser of somebody's own; no page of it may fail."""
    with ExitStack() as profiles:
        yield lambda: profiles.enter_context(profile(browser)).new_page()


def keep(page: Page, name: str) -> None:
    page.screenshot(path=SCREENSHOTS / f"no-shell-{name}.jpg", full_page=True)


def save(desk: Page, why: str) -> None:
    """Review what was edited, and save it."""
    desk.get_by_role("button", name="Review and save").click()
    desk.get_by_label("Why").fill(why)
    desk.get_by_role("button", name=re.compile("^(Save|Make the challenge)$")).click()
    expect(desk.get_by_text(why)).to_be_visible()


def edit(desk: Page, site: Site, why: str, **fields: str) -> None:
    """Change fields of the definition's form."""
    desk.goto(f"{site.url}{DESK}/definition/")
    desk.evaluate("for (const row of document.querySelectorAll('details')) row.open = true")
    for name, value in fields.items():
        desk.locator(f"[name='{name.replace('__', '-')}']").fill(value)
    save(desk, why)


def make_challenge(desk: Page, site: Site) -> None:
    desk.goto(f"{site.url}/desk/login/")
    desk.get_by_label("Name").fill("organizer")
    desk.get_by_label("Password").fill(site.password)
    desk.get_by_role("button", name="Sign in").click()
    desk.get_by_role("link", name="New challenge").click()
    desk.get_by_label("Name", exact=True).fill("Meadow chalenge")
    desk.get_by_label("Short name").fill(SLUG)
    desk.get_by_label("In one sentence").fill("Three photographs within a budget.")
    desk.get_by_label("I have decoded pictures").check()
    desk.get_by_label("Data sets").fill("Meadow")
    desk.get_by_label("Takes submissions from").fill("2018-01-15 00:00:00 +01:00")
    desk.get_by_label("Deadline").fill("2037-11-30 23:59:59 +01:00")
    desk.get_by_label("Budget").fill("4")
    desk.get_by_role("button", name="Go on").click()
    desk.get_by_role("button", name="Take it out").last.click()  # the study comes later
    save(desk, "Begun.")


def drop_pictures(desk: Page, site: Site) -> None:
    desk.goto(f"{site.url}{DESK}/datasets/Meadow/")
    files = []
    for name, rgb in ORIGINALS.items():
        buffer = BytesIO()
        Image.fromarray(rgb).save(buffer, "PNG")
        files.append({"name": f"IMG {name}", "mimeType": "image/png", "buffer": buffer.getvalue()})
    desk.locator("#files").set_input_files(files)  # type: ignore[arg-type]
    desk.get_by_role("button", name=f"Take {len(files)} pictures in").click()
    expect(desk.locator("#said")).to_contain_text(f"Pictures in the data set: {len(files)}.")
    keep(desk, "pictures")


def originals_of(desk: Page, site: Site, folder: Path) -> dict[str, Path]:
    """Download the data set, which organizers may before anybody else."""
    address = f"{site.url}/api/v1/challenges/{SLUG}/datasets/Meadow.zip"
    body = desk.context.request.get(address).body()
    with zipfile.ZipFile(BytesIO(body)) as archive:
        names = [name for name in archive.namelist() if name.endswith(".png")]
        for name in names:
            (folder / Path(name).name).write_bytes(archive.read(name))
    return {Path(name).name: folder / Path(name).name for name in names}


def register(page: Page, site: Site, name: str) -> None:
    page.goto(f"{site.url}/{SLUG}/submit/")
    page.get_by_role("link", name="Register a team").first.click()
    page.get_by_label("Team name").fill(name)
    page.get_by_label("E-mail").fill("team@example.org")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Signed in as {name}")).to_be_visible()
    page.get_by_role("link", name="New submission").click()
    expect(page.locator("[data-sending]")).to_be_visible()


def is_scored(page: Page) -> None:
    expect(page.locator(".own-verdict")).to_have_text(re.compile("Scored"), timeout=PATIENCE_MS)


def judge(page: Page, site: Site, language: str) -> None:
    rater = Rater(page, site, f"{SLUG}-people")
    rater.begin(f"?lang={language}")
    for number in range(1, TRIALS + 1):
        expect(page.locator("#progress")).to_contain_text(str(number))
        rater.sees("trial")
        rater.answer("1" if number % 3 else "2", flips=2)
    rater.sees("done")


def enter_own_methods(desk: Page, site: Site, folder: Path, rgb: dict[str, Rgb]) -> None:
    """Have a codec made by a button, and send two methods of decoded pictures as folders."""
    desk.goto(f"{site.url}{DESK}/phases/main/")
    desk.get_by_role("link", name="Baselines and methods of your own").click()
    for codec in ("WebP", "JPEG 2000", "AVIF"):
        desk.locator(f"[name='codec'][value='{codec}']").uncheck()
    desk.get_by_role("button", name="Make these").click()
    asked = desk.get_by_role("row", name="JPEG")
    expect(asked).to_contain_text("entered", timeout=PATIENCE_MS)
    expect(asked).to_contain_text("bits per pixel")
    for name, quality in (("Sorrel", 20), ("Yarrow", 60)):
        for path in compress(folder / name, rgb, quality):
            with Image.open(path) as picture:
                picture.convert("RGB").save(path.with_name(f"{path.stem}_{quality}.png"))
    (folder / "Yarrow" / f"{next(iter(rgb)).removesuffix('.png')}_60.png").rename(folder / "kept")
    desk.set_input_files("#method-folder", folder / "Yarrow")
    expect(desk.locator(".own-method")).to_contain_text("Decoded pictures that are missing: 1")
    (folder / "kept").rename(folder / "Yarrow" / f"{next(iter(rgb)).removesuffix('.png')}_60.png")
    desk.set_input_files("#method-folder", folder)
    expect(desk.locator("#methods-said")).to_have_text("2 of 2 methods can be sent.")
    desk.get_by_label("as baselines").check()
    keep(desk, "methods")
    desk.get_by_role("button", name="Send 2 methods").click()
    expect(desk.locator("#methods-said")).to_have_text(
        "All 2 methods are here.", timeout=PATIENCE_MS
    )
    # The same again is left out, unless one asks for it; on a page that is new too.
    desk.set_input_files("#method-folder", folder)
    expect(desk.locator("#methods-said")).to_have_text("0 of 2 methods can be sent.")
    desk.reload()
    desk.set_input_files("#method-folder", folder)
    expect(desk.locator("#methods-said")).to_have_text("0 of 2 methods can be sent.")
    desk.get_by_label("as baselines").check()
    desk.get_by_label("These very files are entered already").first.check()
    expect(desk.get_by_role("button", name="Send this method")).to_be_visible()

    def are_scored() -> bool:
        desk.goto(f"{site.url}/{SLUG}/main/board/")
        shown = desk.inner_text("main")
        return all(name in shown for name in ("JPEG", "Sorrel", "Yarrow"))

    eventually(are_scored, every=1)


def loaded_elsewhere(text: str, folder: Path, originals: Path) -> str:
    """Load a definition into an empty site, and return what that site writes of it."""
    file = folder / "copy.toml"
    file.write_text(text)
    environment = os.environ | {"RATINGS_DATA_DIR": str(folder / "var")}
    environment.pop("DATABASE_URL", None)

    with closing(Console(environment)) as elsewhere:
        elsewhere.manage("migrate", "--verbosity=0")
        elsewhere.manage("load_challenge", str(file), "--originals", str(originals))
        return elsewhere.manage("dump_challenge", SLUG)


def test_a_challenge_from_nothing_to_published_results(
    site: Site, open_browser: Open, tmp_path: Path
) -> None:
    desk = open_browser()
    make_challenge(desk, site)
    drop_pictures(desk, site)
    (tmp_path / "originals" / "Meadow").mkdir(parents=True)
    originals = originals_of(desk, site, tmp_path / "originals" / "Meadow")
    desk.goto(f"{site.url}{DESK}/definition/")
    desk.get_by_label("Draft").uncheck()
    save(desk, "Published.")
    desk.goto(f"{site.url}{DESK}/definition/?as=text")
    text = desk.get_by_label("The file, as TOML")
    text.fill(text.input_value() + STUDY)
    save(desk, "A study in two languages.")

    # Two teams: one with a decoder, one with decoded pictures.
    rgb = dict(zip(originals, ORIGINALS.values(), strict=True))
    first, second = open_browser(), open_browser()
    decoder = tmp_path / "decode"
    decoder.write_text(DECODE.format(pauses="{}"))
    register(first, site, "Clover")
    first.set_input_files("#images", compress(tmp_path / "clover", rgb, 80))
    first.set_input_files("#program", decoder)
    first.get_by_role("button", name="Send and close").click()
    register(second, site, "Thistle")
    bits = compress(tmp_path / "thistle", rgb, 5)
    decoded = []
    for path in bits:
        with Image.open(path) as picture:
            picture.convert("RGB").save(path.with_suffix(".png"))
        decoded.append(path.with_suffix(".png"))
    second.set_input_files("#images", [*bits, *decoded])
    second.get_by_role("button", name="Send and close").click()
    for page in (first, second):
        is_scored(page)
    keep(first, "scored")

    # The organizer looks at the rating page, then people judge, in two languages.
    desk.goto(f"{site.url}/desk/studies/{SLUG}-people/preview/")
    expect(desk.locator("#rate")).to_have_attribute("data-state", "consent")
    study = f"{site.url}/desk/studies/{SLUG}-people/"

    def is_paired() -> bool:
        desk.goto(study)
        return "Thistle" in desk.inner_text("main")

    eventually(is_paired, every=1)
    for number in range(RATERS):
        judge(open_browser(), site, "de" if number == 1 else "en")
    edit(desk, site, "The data took longer.", phase__0__closes="2037-12-07 23:59:59 +01:00")
    edit(desk, site, "A typo.", name="Meadow challenge")

    # One team is disqualified, the panel votes, and the boards open.
    desk.goto(f"{site.url}{DESK}/phases/main/")
    desk.get_by_role("link", name="Thistle").first.click()
    form = desk.locator("form[action$='/disqualify/']")
    form.get_by_role("textbox").fill("It saw the originals.")
    form.get_by_role("button").click()
    expect(desk.locator(".message")).to_contain_text("It saw the originals.")
    desk.goto(f"{site.url}{DESK}/main/panel/")
    desk.get_by_label("Remarks").fill("Clear.")
    desk.get_by_role("button", name="Vote").click()
    expect(desk.locator("section[aria-labelledby=votes]")).to_contain_text("Clear.")
    desk.get_by_label("reasons, published with it").fill("The best pictures.")
    desk.get_by_role("button", name="Award", exact=True).click()
    expect(desk.locator("section[aria-labelledby=awards]")).to_contain_text("The best pictures.")
    keep(desk, "panel")
    edit(desk, site, "Results.", phase__0__boards_open="2018-01-16 00:00:00 +01:00")

    visitor = open_browser()
    visitor.goto(f"{site.url}/{SLUG}/")
    expect(visitor.locator("main")).to_contain_text("Meadow challenge")
    expect(visitor.locator("main")).to_contain_text("Overall winner")
    expect(visitor.locator(".calendar")).to_contain_text("Moved from")
    keep(visitor, "challenge")
    visitor.goto(f"{site.url}/{SLUG}/main/board/")
    expect(visitor.locator("main")).to_contain_text("It saw the originals.")
    keep(visitor, "board")

    # What the desk shows is what the command writes, and makes the same elsewhere.
    desk.goto(f"{site.url}{DESK}/definition/?as=text")
    shown = desk.get_by_label("The file, as TOML").input_value()
    assert shown == site.manage("dump_challenge", SLUG)
    assert loaded_elsewhere(shown, tmp_path, tmp_path / "originals") == shown

    # More methods, to compare with: the organizer's own.
    (tmp_path / "own").mkdir()
    enter_own_methods(desk, site, tmp_path / "own", rgb)

    # Nobody else's journey is to find it open.
    edit(desk, site, "Over.", phase__0__closes="2018-02-15 23:59:59 +01:00")
