"""All that can be called, run or set is named in the docs, and their links lead somewhere."""

import ast
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ratings import __version__
from ratings.api.parts import errors
from ratings.api.urls import urlpatterns
from ratings.comparisons.judgment_facts import DISPLAY_NAMES
from ratings.comparisons.questionnaire.answer_rows import ANSWER_COLUMNS
from ratings.comparisons.raters.paying import PAYMENT_COLUMNS
from ratings.environment import SECRETS
from ratings.metrics.metric_board import METRIC_COLUMNS
from ratings.ranking.boards.metric_agreement import AGREEMENT_COLUMNS
from ratings.ranking.evidence.judgment_query import JUDGMENT_COLUMNS
from ratings.ranking.tables.columns import names
from ratings.ranking.tables.export import PSNR_COLUMNS, RANKING_COLUMNS
from ratings.ranking.tables.panel_sheet import PANEL_COLUMNS
from ratings.ranking.tables.series_files import DELTA_COLUMNS, PICTURE_COLUMNS, POINT_COLUMNS
from ratings.web.parts.serving.kit_zip import installed_kit

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
DOCS = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), *DOCS]
TEXT = "\n".join(page.read_text() for page in PAGES)
API = (ROOT / "docs" / "api.md").read_text()
COMMANDS = sorted(path.stem for path in (ROOT / "ratings/management/commands").glob("[a-z]*.py"))
# Where the environment is read on behalf of an operator.
READERS = ["ratings/environment.py", "ratings/management/commands/serve.py"]


def variables(path: Path) -> Iterator[str]:
    """Yield the names that a source file looks up in the environment."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "read"):
            yield ast.literal_eval(node.args[0])
    if path.stem == "environment":
        yield from (f"{name}_FILE" for name in SECRETS)


def addresses() -> Iterator[str]:
    """Yield what the API's examples call, and the addresses its text names."""
    yield from re.findall(r"""\$API/([^\s"'?]*)""", API)
    yield from re.findall(r"`/api/v1/([^`#]*)`", API)


def kit_code() -> list[Path]:
    """Return the kit's programs and settings, whose first lines a comment may be."""
    files = (path for path in (ROOT / "ratings" / "kit").rglob("*") if path.is_file())
    named = ("encode", "decode", "Dockerfile")
    return sorted(path for path in files if path.suffix == ".py" or path.name in named)


def test_there_is_something_to_look_for() -> None:
    assert {"rank", "serve"} <= set(COMMANDS)
    named = {name for reader in READERS for name in variables(ROOT / reader)}
    assert {"DATABASE_URL", "PORT", "RATINGS_DATA_DIR"} <= named
    assert len(list(addresses())) > 15


def test_what_curl_uploads_goes_to_a_file_s_address() -> None:
    """To an address whose path ends in a slash, curl -T adds the file's name."""
    shown = TEXT + "".join(
        page.read_text() for page in sorted(ROOT.glob("frontend/templates/**/*.html"))
    )
    uploads = re.findall(r"curl (?:\\\n|[^\n])* -T (?:\\\n|[^\n])*", shown)
    assert len(uploads) > 8
    for upload in uploads:
        called = re.findall(r"(?:\$API|\{\{ api \}\})/([^\s\"'?<]*)", upload)
        assert called and not any(path.endswith("/") for path in called), upload


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_shown_as_it_is_called(command: str) -> None:
    assert re.search(rf"manage\.py {command}\b", TEXT), f"no page shows `manage.py {command}`"


@pytest.mark.parametrize("reader", READERS)
def test_every_variable_is_explained(reader: str) -> None:
    operating = (ROOT / "docs" / "operating.md").read_text()
    for name in variables(ROOT / reader):
        assert f"`{name}`" in operating, f"docs/operating.md does not explain {name}"


@pytest.mark.parametrize("route", [str(route.pattern) for route in urlpatterns[:-1]])
def test_every_call_of_the_api_is_shown(route: str) -> None:
    pattern = re.compile(re.sub(r"<[^>]+>", "[^/]+", route))
    assert any(map(pattern.fullmatch, addresses())), f"docs/api.md does not show {route}"


def test_the_table_of_problems_has_each_status_with_its_codes() -> None:
    rows = re.findall(r"^\| (\d+) \| .+ \| (.*)\|$", API, re.MULTILINE)
    told = {int(status): re.findall(r"`([a-z-]+)`", codes) for status, codes in rows}
    expected: dict[int, list[str]] = {status: [] for status in errors.MEANINGS}
    for code in sorted(errors.EXPLANATIONS):
        expected[errors.status_of(code)].append(code)
    assert set(errors.STATUS) <= set(errors.EXPLANATIONS)
    assert told == expected


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("PSNR board", names(PSNR_COLUMNS)),
        ("ranking", names(RANKING_COLUMNS)),
        ("agreement", AGREEMENT_COLUMNS),
        ("metrics", METRIC_COLUMNS),
        ("series", names(POINT_COLUMNS)),
        ("deltas", names(DELTA_COLUMNS)),
        ("pictures", names(PICTURE_COLUMNS)),
        ("panel", PANEL_COLUMNS),
        ("payments", PAYMENT_COLUMNS),
        ("answers", ANSWER_COLUMNS),
        ("judgments", [name for name in JUDGMENT_COLUMNS if name not in DISPLAY_NAMES]),
    ],
)
def test_the_columns_of_each_table_are_listed(table: str, columns: list[str]) -> None:
    listed = re.search(rf"^\| {table} \| `([a-z_0-9,]+)`", API, re.MULTILINE)
    assert listed, f"docs/api.md does not list the columns of {table}"
    assert listed[1].split(",") == columns


def headings(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", page.read_text()):
        if "://" not in target:
            there = page.parent / target if target else page
            assert there.exists(), f"{page.name} links to {target}"
            assert not anchor or anchor in headings(there), f"{page.name}: {target}#{anchor}"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=name_of)
def test_every_page_is_in_the_readme(page: Path) -> None:
    assert f"(docs/{page.name})" in README


def test_the_readme_is_short_and_names_the_version_and_the_licence() -> None:
    assert len(README.split()) <= 550
    assert f"Version {__version__}, under the [Apache License 2.0](LICENSE)." in README


def test_the_citation_names_the_version_and_the_day_of_its_release() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    released = re.search(
        rf"^## {re.escape(__version__)} - (\d{{4}}-\d\d-\d\d)$", changelog, re.MULTILINE
    )
    assert released, f"CHANGELOG.md has no dated section for {__version__}"
    lines = (ROOT / "CITATION.cff").read_text().splitlines()
    assert {f"version: {__version__}", f"date-released: {released[1]}"} <= set(lines)


def test_the_site_has_a_licence_and_no_build_system() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "build-system" not in project and "setuptools" not in project["tool"]
    assert project["project"]["license"] == "Apache-2.0"
    assert (ROOT / "LICENSE").read_text().strip().startswith("Apache License")


@pytest.mark.parametrize("path", kit_code(), ids=name_of)
def test_each_file_of_the_kit_says_its_licence(path: Path) -> None:
    head = path.read_text().splitlines()[:2]
    assert "# SPDX-License-Identifier: Apache-2.0" in head


def test_what_the_kit_ships_of_the_server_says_its_licence_too() -> None:
    with zipfile.ZipFile(io.BytesIO(installed_kit())) as kit:
        shared = [name for name in kit.namelist() if not name.startswith("ratings/kit/")]
        heads = {name: kit.read(name).decode().splitlines()[0] for name in shared}
    assert heads and set(heads.values()) == {"# SPDX-License-Identifier: Apache-2.0"}


def test_the_index_of_decisions_leads_to_each_with_its_date() -> None:
    index = (ROOT / "docs" / "decisions.md").read_text()
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    rooms = {path.parent.name for path in (ROOT / "ratings").glob("*/__init__.py")}
    assert {page.stem for page in pages} <= rooms | {"house"}
    listed = re.findall(r"^- \[(.+)\]\(decisions/(\w+)\.md#\S+\) (\S+)$", index, re.MULTILINE)
    entry = re.compile(r"^## (.+) \((\d{4}-\d\d-\d\d), (?:stands|revised \d{4}-\d\d-\d\d)\)$")
    entries = []
    for page in pages:
        for heading in re.findall(r"^## .*$", page.read_text(), re.MULTILINE):
            decided = entry.match(heading)
            assert decided, f"{page.name}: {heading}"
            entries.append((decided[1], page.stem, decided[2]))
    assert sorted(listed) == sorted(entries)


def test_what_is_said_to_be_secure_has_tests() -> None:
    """Each row that is met names tests, and all that are named are there."""
    rows = [
        [cell.strip() for cell in line.split("|")]
        for line in (ROOT / "docs" / "security" / "asvs.md").read_text().splitlines()
        if line.startswith("| V")
    ]
    assert len(rows) > 50 and {row[2] for row in rows} == {"met", "part", "open", "n/a"}
    for _, section, state, reason, _ in rows:
        named = re.findall(r"`(tests/[^`]+)::([^`]+)`", reason)
        assert named or state != "met", section
        for path, test in named:
            assert f"\ndef {test}(" in (ROOT / path).read_text(), (section, path, test)
