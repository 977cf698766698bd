"""Requirements: a set that includes another pins all of it, to the same versions."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "requirements"
INCLUDES = [
    (path.stem, Path(included).stem)
    for path in sorted(FOLDER.glob("*.in"))
    for included in re.findall(r"^-[rc] (\S+)$", path.read_text(), re.M)
]


def pins(name: str) -> dict[str, str]:
    text = (FOLDER / f"{name}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.M))


@pytest.mark.parametrize(("whole", "part"), INCLUDES)
def test_what_is_included_is_pinned_alike(whole: str, part: str) -> None:
    """The demo lacked a package that the site had come to need, and did not start."""
    has, needed = pins(whole), pins(part)
    constrains = f"-c {part}.txt" in (FOLDER / f"{whole}.in").read_text()
    wanted = {name: pin for name, pin in needed.items() if not constrains or name in has}
    assert {name: has.get(name) for name in wanted} == wanted
