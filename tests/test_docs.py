"""All that can be called, run or set is named in the docs, and their links lead somewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ratings.api import errors
from ratings.api.urls import urlpatterns

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text() for page in PAGES)
API = (ROOT / "docs" / "api.md").read_text()
COMMANDS = sorted(path.stem for path in (ROOT / "ratings/management/commands").glob("[a-z]*.py"))
# Where the environment is read on behalf of an operator.
READERS = ["ratings/settings.py", "ratings/management/commands/serve.py"]


def variables(path: Path) -> Iterator[str]:
    """Yield the names that a source file looks up in os.environ."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "os.environ.get":
            yield ast.literal_eval(node.args[0])
        elif isinstance(node, ast.Compare) and ast.unparse(node.comparators[0]) == "os.environ":
            yield ast.literal_eval(node.left)


def addresses() -> Iterator[str]:
    """Yield what the API's examples call, and the addresses its text names."""
    yield from re.findall(r"""\$API/([^\s"'?]*)""", API)
    yield from re.findall(r"`/api/v1/([^`#]*)`", API)


def test_there_is_something_to_look_for() -> None:
    assert {"rank", "serve"} <= set(COMMANDS)
    found = {name for reader in READERS for name in variables(ROOT / reader)}
    assert {"DATABASE_URL", "PORT", "RATINGS_DATA_DIR"} <= found
    assert len(list(addresses())) > 15


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


def test_every_status_of_a_problem_is_in_the_table() -> None:
    for status in set(errors.STATUS.values()):
        assert re.search(rf"^\|[\d, ]*\b{status}\b", API, re.MULTILINE), status


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES[2:], ids=lambda page: page.name)
def test_every_page_is_in_the_readme(page: Path) -> None:
    assert f"(docs/{page.name})" in PAGES[0].read_text()
