"""What import-linter can't see: registered models, foreign keys, names of files, tests."""

import ast
import importlib
import importlib.util
import inspect
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

import ratings
import ratings.models

FLOORS = [
    *({"storage", "outbox"}, {"challenge"}, {"submissions"}, {"fidelity", "comparisons"}),
    *({"ranking", "viewing"}, {"metrics"}),
]


def room(model: type[models.Model]) -> str:
    return model.__module__.split(".")[1]


def floor(model: type[models.Model]) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room(model) in rooms)


def model_modules() -> Iterator[str]:
    """Yield each room's `models`, and the modules in it where it is a package."""
    for room_ in pkgutil.iter_modules(ratings.__path__):
        name = f"ratings.{room_.name}.models"
        if room_.ispkg and room_.name != "migrations" and importlib.util.find_spec(name):
            yield name
            path = getattr(importlib.import_module(name), "__path__", [])
            yield from (f"{name}.{module.name}" for module in pkgutil.iter_modules(path))


def test_every_model_of_every_room_is_registered_and_named() -> None:
    defined = set()
    for name in model_modules():
        for _, cls in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if issubclass(cls, models.Model) and cls.__module__ == name:
                defined.add(cls)
    assert defined == set(apps.get_app_config("ratings").get_models(include_auto_created=False))
    assert {model.__name__ for model in defined} == set(ratings.models.__all__)


def test_foreign_keys_point_to_the_same_floor_or_upstream() -> None:
    for model in apps.get_app_config("ratings").get_models():
        for field in model._meta.get_fields():
            target = field.related_model
            if field.concrete and target and target.__module__.startswith("ratings."):
                assert floor(target) <= floor(model), f"{model.__name__}.{field.name}"
                if floor(target) == floor(model):
                    assert room(target) == room(model), f"{model.__name__}.{field.name}"


TESTS = Path(__file__).parent
# What Django, pytest or the command line names; a folder of models is named after its tables.
NAMED_BY_OTHERS = {"__init__", "__main__", "models", "urls"}
NAMED_IN_TESTS = {"__init__", "__main__", "conftest", "builders"}
FOLDERS_NAMED_BY_OTHERS = {"migrations", "commands", "models"}


@pytest.mark.parametrize(
    ("root", "names", "folders"),
    [
        (Path(ratings.__file__).parent, NAMED_BY_OTHERS, FOLDERS_NAMED_BY_OTHERS),
        (TESTS, NAMED_IN_TESTS, set()),
    ],
    ids=["ratings", "tests"],
)
def test_no_file_is_named_like_another(root: Path, names: set[str], folders: set[str]) -> None:
    files = [
        path
        for path in root.rglob("*.py")
        if not path.is_symlink()
        and not folders & {*path.relative_to(root).parts}
        and path.stem not in names
    ]
    named = Counter(path.stem for path in files)
    assert {str(path.relative_to(root)) for path in files if named[path.stem] > 1} == set()


def test_no_class_is_named_like_another() -> None:
    """Each thing has one name, each name one thing; the kit, which stands apart, has its own."""
    root = Path(ratings.__file__).parent
    defined: dict[str, list[str]] = {}
    for path in root.rglob("*.py"):
        if not {"migrations", "commands", "kit"} & {*path.relative_to(root).parts}:
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    defined.setdefault(node.name, []).append(str(path.relative_to(root)))
    assert {name: paths for name, paths in defined.items() if len(paths) > 1} == {}


OPENS_A_BROWSER = re.compile(r"\.new_context\(|\bbrowser\.new_page\(")


def test_journeys_open_browsers_in_one_place() -> None:
    """What else they open has limits of its own, and goes on when its test is over."""
    journeys = (TESTS / "journeys").glob("*.py")
    assert [p.name for p in journeys if OPENS_A_BROWSER.search(p.read_text())] == ["profiles.py"]


IMPORTS_A_TEST = re.compile(r"\b(from|import) tests[.\w]*\.test_|\bfrom tests[.\w]* import test_")


def test_no_test_module_is_imported() -> None:
    """What several tests need lies beside them, in a module that says what it is."""
    files = [path for path in TESTS.rglob("*.py") if path != Path(__file__)]
    importers = {path.name for path in files if IMPORTS_A_TEST.search(path.read_text())}
    assert importers == set()
