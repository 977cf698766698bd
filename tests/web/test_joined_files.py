"""Styles and modules put together do what the many files do, by the word of a JavaScript engine."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage

from ratings.web.parts.serving.joined_files import join_modules, join_styles
from ratings.web.parts.serving.static_files import APART, joined

MODULES = {
    "page.js": """
        import { twice as double, NAME } from "./room/twice.js";
        import { Count } from "./count.js";
        import { tell } from "./room/apart.js";
        /** @typedef {import("./count.js").Count} Count */
        const local = /** @type {Count} */ (new Count(double(4)));
        tell(`${NAME} ${local.next()}`);
        export const said = `${local.next()} /* kept */`;
    """,
    "room/twice.js": """
        import { tell } from "./apart.js";
        import { Count } from "../count.js";
        const local = 2;
        tell("twice");
        export const NAME = `twice ${new Count(0).next()}`;
        /** @param {number} value */
        export function twice(value) {
          return local * value;
        }
    """,
    "count.js": """
        import { tell } from "./room/apart.js";
        let local = 100;
        tell("count");
        /** Counts on,
         * wherever it is. */
        export class Count {
          constructor(from) { this.at = from + local; local += 1; }
          next() { return (this.at += 1); }
        }
    """,
    "room/apart.js": """
        globalThis.told ??= [];
        globalThis.told.push("apart");
        export function tell(word) {
          globalThis.told.push(word);
        }
    """,
}


def dedented(modules: Mapping[str, str]) -> dict[str, str]:
    return {path: text.replace("\n        ", "\n") for path, text in modules.items()}


def run(folder: Path, modules: Mapping[str, str], *loaded: str) -> object:
    """Load modules one after the other in Node; return what the last exports and what was told."""
    (folder / "room").mkdir(parents=True)
    (folder / "package.json").write_text('{"type": "module"}')
    for path, text in modules.items():
        (folder / path).write_text(text)
    script = "".join(f'page = await import("./{path}");' for path in loaded)
    script = f"let page; {script} console.log(JSON.stringify([page, globalThis.told]))"
    (folder / "run.js").write_text(script)
    done = subprocess.run(
        ["node", "run.js"], cwd=folder, capture_output=True, text=True, check=True
    )
    found: object = json.loads(done.stdout)
    return found


def test_modules_put_together_do_what_they_do_one_by_one(tmp_path: Path) -> None:
    modules = dedented(MODULES)
    made = join_modules(modules, ["room/apart.js"])
    assert set(made) == {"page.js", "room/apart.js"}
    loaded = ("room/apart.js", "page.js")
    found = [run(tmp_path / str(len(each)), each, *loaded) for each in (modules, made)]
    assert found[0] == found[1]
    assert found[0] == [{"said": "111 /* kept */"}, ["apart", "count", "twice", "twice 101 110"]]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"count.js": 'import { NAME } from "./room/twice.js";\n'}, "count.js > room/twice.js"),
        ({"count.js": "export let count = 1;\n"}, "count.js can't be put together .* export let"),
        ({"count.js": 'import "./page.js";\n'}, 'import "./page.js"'),
        ({"count.js": "export default 1;\n"}, "export default"),
        ({"count.js": "const home = import.meta.url;\n"}, "import.meta"),
    ],
)
def test_what_is_not_understood_is_refused(changed: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        join_modules(dedented(MODULES) | changed)


def test_sheets_are_put_in_their_places() -> None:
    sheets = {
        "css/site.css": '@import "b.css";\n@import "below/a.css";\nh1 {}\n',
        "css/b.css": "b { src: url(b.png) }\n",
        "css/below/a.css": "a {}\n",
    }
    made = join_styles(sheets)
    assert made == {"css/site.css": "b { src: url(b.png) }\n\na {}\n\nh1 {}\n"}
    with pytest.raises(ValueError, match=r"css/below/a.css has a url\(\)"):
        join_styles(sheets | {"css/below/a.css": "a { src: url(a.png) }"})


def test_pages_load_one_sheet_and_modules_that_load_no_others() -> None:
    folder = settings.BASE_DIR
    paths = {}
    for prefix, place in (("css", folder / "static/css"), ("modules", folder / "frontend/modules")):
        source = FileSystemStorage(place)
        for file in place.rglob("*.*"):
            paths[f"{prefix}/{file.relative_to(place)}"] = (source, str(file.relative_to(place)))
    made = joined(paths)
    assert {path for path in made if path.startswith("css")} == {"css/rate.css", "css/site.css"}
    text = {path: source.open(name).read().decode() for path, (source, name) in made.items()}
    assert (
        "import " not in text["modules/viewer/viewer.js"] and "@import" not in text["css/site.css"]
    )
    for path in text:
        if path.endswith(".js"):
            check = ["node", "--check", "--input-type=module"]
            subprocess.run(check, input=text[path].encode(), check=True)


def test_what_pages_load_and_others_import_stands_apart() -> None:
    folder = settings.BASE_DIR / "frontend"
    templates = "".join(path.read_text() for path in (folder / "templates").rglob("*.html"))
    loaded = set(re.findall(r"'modules/([\w/-]+\.js)'", templates))
    modules = {
        str(path.relative_to(folder / "modules")): path.read_text()
        for path in (folder / "modules").rglob("*.js")
    }
    assert loaded <= set(join_modules(modules, APART)) and set(APART) < loaded
