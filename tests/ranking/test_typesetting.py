"""LaTeX tables typeset by the engines that they name: no letter missing, no line too wide."""

import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from ratings.comparisons.models import Study
from ratings.psychometrics.report import fonts
from ratings.ranking.boards.human_board import human_board
from ratings.ranking.fits.refitting import refit
from ratings.ranking.tables.tex import judgments_tex, ranking_tex
from ratings.ranking.tables.tex_letters import PDFLATEX, escape
from ratings.submissions.models import Submission
from tests.builders import NOW
from tests.comparisons.builders import build_filled_study
from tests.ranking.builders import judge_all

pytestmark = pytest.mark.django_db
NEEDED = ("array.sty", "booktabs.sty", "longtable.sty")
LATIN = [
    "Größe--Šárka \N{EN DASH} 100 % “q”",
    "\"a\" 'b' ''c'' `d` ``e !` ?` <<|>> ~^\\{}_#$%&,,",
    "AnExtremelyLongMethodNameWithoutAnySpaceThatCouldBeBrokenAnywhereButMustBeBrokenAllTheSame",
]
WORLD = [*LATIN, "图像组 / 深度编码", "Lab λ / η-codec", "영상팀 / 압축기", "שלום \N{MINUS SIGN}1"]


def build_judged(names: list[str]) -> Study:
    """Save a study of methods and teams of these names with judgments for several pages."""
    study = build_filled_study(methods=len(names), pictures=6)
    for number, name in enumerate(names):
        entry = study.entries.get(label=f"method-{number}")
        Submission.objects.filter(pk=entry.submission_id).update(method=name)
        type(entry).objects.filter(pk=entry.pk).update(label=name)
    judge_all(study, raters=8, judgments=30)
    refit(study, NOW)
    return study


def typeset(engine: str, table: str, folder: Path) -> tuple[str, Path]:
    """Typeset a table with what its comments say, and return the log and the PDF."""
    if shutil.which(engine) is None or not all(map(_is_there, NEEDED)):
        pytest.skip(f"{engine} with {', '.join(NEEDED)} is not on this machine")
    lines = re.findall(r"^% (\\.*)$", table, re.MULTILINE)
    parts = [r"\documentclass{article}", *lines, r"\begin{document}", table, r"\end{document}"]
    folders = sorted({str(file.parent) for file in fonts.font_files().values()})
    (folder / "table.tex").write_text("\n".join(parts), encoding="utf-8")
    done = subprocess.run(
        [engine, "-interaction=nonstopmode", "-halt-on-error", "table.tex"],
        cwd=folder,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(folder),
            "OSFONTDIR": ":".join(folders),
            "max_print_line": "10000",
        },
        capture_output=True,
        check=False,
    )
    log = (folder / "table.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, log[-2000:]
    return log, folder / "table.pdf"


def _is_there(file: str) -> bool:
    return subprocess.run(["kpsewhich", file], capture_output=True, check=False).returncode == 0


def is_clean(log: str) -> bool:
    """Tell whether no letter is missing and no line is too wide."""
    return "Missing character" not in log and "Overfull" not in log


def text_of(pdf: Path) -> str:
    """Return the PDF's text without spaces, a form feed after each page."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not on this machine")
    done = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, check=True)
    # Where an ideograph is a radical too, some fonts name it so.
    return re.sub(r"[ \n]", "", unicodedata.normalize("NFKC", done.stdout.decode()))


@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
def test_every_letter_that_needs_nothing_is_in_the_engine_s_own_fonts(
    engine: str, tmp_path: Path
) -> None:
    text = " ".join(map(escape, [*sorted(PDFLATEX), *map(chr, range(33, 127))]))
    log, _ = typeset(engine, text, tmp_path)
    assert is_clean(log)


@pytest.mark.parametrize("engine", ["pdflatex", "lualatex"])
def test_latin_names_need_no_engine_of_their_own(engine: str, tmp_path: Path) -> None:
    study = build_judged(LATIN)
    ranking, judgments = ranking_tex(human_board(study)), "".join(judgments_tex(study))
    assert "LuaLaTeX" not in ranking + judgments
    log, _ = typeset(engine, ranking, tmp_path)
    assert is_clean(log)
    log, pdf = typeset(engine, judgments, tmp_path)
    assert is_clean(log)
    pages = text_of(pdf).split("\f")[:-1]
    assert len(pages) > 2
    assert all(re.match(r"judgment.?id.*choice", page[:60]) for page in pages)


def test_names_of_the_world_are_typeset_letter_for_letter(tmp_path: Path) -> None:
    study = build_judged(WORLD)
    for table in (ranking_tex(human_board(study)), "".join(judgments_tex(study))):
        assert "% Needs LuaLaTeX, and fonts that have U+03B7" in table
        log, pdf = typeset("lualatex", table, tmp_path)
        assert is_clean(log)
        text = text_of(pdf)
        for name in [*LATIN[1:], "图像组 / 深度编码", "Lab λ / η-codec", "영상팀 / 압축기"]:
            assert name.replace(" ", "") in text
