"""Static files under hashed names, styles and modules put together."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from ratings.web.parts.serving.joined_files import join_modules, join_styles

STYLES, MODULES = "css/", "modules/"
# Modules that pages load by themselves and that others import.
APART = ("rating/faults.js", "pages/local-times.js")
# What is collected, by name: where its source lies.
Paths = Mapping[str, tuple[Storage, str]]


class JoinedManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's manifest storage, for which many styles and modules are made few."""

    manifest_name = settings.STATIC_MANIFEST
    # A module may still import one that stands apart.
    support_js_module_import_aggregation = True

    def post_process(
        self, paths: Paths, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Hash and compress what pages load; parts of what is put together are left as they are."""
        yield from super().post_process(joined(paths), dry_run=dry_run, **options)


def joined(paths: Paths) -> Paths:
    """Return what is collected, our styles and modules put together in place of their parts."""
    styles = {name: _read(*paths[name]) for name in paths if name.startswith(STYLES)}
    modules = {
        name.removeprefix(MODULES): _read(*paths[name])
        for name in paths
        if name.startswith(MODULES)
    }
    made = join_styles(styles)
    made |= {MODULES + name: text for name, text in join_modules(modules, APART).items()}
    sources = InMemoryStorage()
    for name, text in made.items():
        sources.save(name, ContentFile(text.encode()))
    others = {
        name: place for name, place in paths.items() if not name.startswith((STYLES, MODULES))
    }
    return others | {name: (sources, name) for name in made}


def _read(source: Storage, path: str) -> str:
    with source.open(path) as file:
        content: bytes = file.read()
    return content.decode()
