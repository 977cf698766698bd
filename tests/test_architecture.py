"""What import-linter can't see: the model registry, and foreign keys that must point upstream."""

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterator

from django.apps import apps
from django.db import models

import ratings
import ratings.models

FLOORS = ["challenge", "submissions", ("fidelity", "comparisons"), "ranking"]


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
