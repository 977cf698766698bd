"""Styles and modules put together: a page asks once for what its source keeps in many files.

Only what our own files are written in is understood; anything else is refused by name. Files are
given by path, and those that no other imports come back, each with all that it imports.
"""

import posixpath
import re
from collections.abc import Collection, Mapping

_SHEET = re.compile(r'^@import "([\w/-]+\.css)";$', re.M)
# Types, for the checker; some import others.
_JSDOC = re.compile(r"[ \t]*/\*\*.*?\*/(?:[ \t]*\n)?", re.S)
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[\w./-]+\.js)";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) (\w+))", re.M)
_OTHER = re.compile(r"^(?:import|export|await)\b.*|\bimport[.(].*", re.M)


def join_styles(sheets: Mapping[str, str]) -> dict[str, str]:
    """Return the sheets that no other imports, by path, each with those that it imports inside.

    Raises ValueError for a sheet that refers to files from a folder below the one it is put in.
    """

    def joined(path: str) -> str:
        return _SHEET.sub(lambda found: part(path, _beside(path, found[1])), sheets[path])

    def part(path: str, below: str) -> str:
        if "url(" in sheets[below] and posixpath.dirname(below) != posixpath.dirname(path):
            raise ValueError(f"{below} has a url(), which would be another one in {path}.")
        return joined(below)

    parts = {_beside(path, below) for path in sheets for below in _SHEET.findall(sheets[path])}
    return {path: joined(path) for path in sheets if path not in parts}


def join_modules(modules: Mapping[str, str], apart: Collection[str] = ()) -> dict[str, str]:
    """Return the modules that no other imports, by path, each with all that it imports.

    Each part is a function that is called once and returns what the module exports, so that names
    of different modules don't meet. Those `apart` do something when they are loaded, and are
    loaded by pages too: they stay imports, so that they do it once.

    Raises ValueError for modules that import each other, and for what is neither
    `import { ... } from "./x.js"` nor the `export` of a function, class or constant.
    """
    imported = {below for path in modules for below in _imports(path, modules[path])}
    parts = imported - set(apart)
    return {path: _joined(path, modules, apart) for path in modules if path not in parts}


def _joined(root: str, modules: Mapping[str, str], apart: Collection[str]) -> str:
    made: dict[str, str] = {}

    def visit(path: str, above: tuple[str, ...]) -> None:
        if path in above:
            raise ValueError(f"Modules import each other: {' > '.join((*above, path))}.")
        for below in _imports(path, modules[path]):
            if below in apart:
                made.setdefault(below, _import_of(below, root))
            elif below not in made:
                visit(below, (*above, path))
        text = _with_constants(path, modules[path])
        made[path] = text if path == root else _part(path, text)

    visit(root, ())
    return "".join(f"// {path}\n{text}" for path, text in made.items())


def _import_of(path: str, root: str) -> str:
    place = posixpath.relpath(path, posixpath.dirname(root) or ".")
    return f'import * as {_variable(path)} from "./{place}";\n'


def _part(path: str, text: str) -> str:
    exported = ", ".join(_EXPORT.findall(text))
    body = _EXPORT.sub("", text)
    if other := _OTHER.search(body):
        raise ValueError(f"{path} can't be put together with others: {other[0]}")
    return f"const {_variable(path)} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"


def _with_constants(path: str, source: str) -> str:
    """Return a module's text without types, its imports made constants."""

    def constants(found: re.Match[str]) -> str:
        names = re.sub(r"\s+as\s+", ": ", found[1])
        return f"const {{{names}}} = {_variable(_beside(path, found[2]))};\n"

    return _IMPORT.sub(constants, _JSDOC.sub("", source))


def _imports(path: str, source: str) -> list[str]:
    """Return the paths of what a module imports."""
    return [_beside(path, found[2]) for found in _IMPORT.finditer(source)]


def _beside(path: str, reference: str) -> str:
    """Return the path of what a file refers to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), reference))


def _variable(path: str) -> str:
    return "$" + re.sub(r"\W", "_", path.removesuffix(".js"))
