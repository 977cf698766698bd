"""Rankings and judgments as LaTeX tables, for the booktabs package."""

from collections.abc import Iterable, Iterator, Sequence

from ratings.comparisons.models import Study, Trial
from ratings.ranking.board import HumanBoard, HumanRow
from ratings.ranking.judgment_rows import judgment_rows

# Those of the judgments' columns that a page has room for.
JUDGMENT_COLUMNS = ("judgment_id", "rater", "image", "left", "right", "choice", "response_ms")
_ESCAPED = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
}
_NOTHING = "---"


def ranking_tex(board: HumanBoard) -> str:
    """Return the ranking as a tabular; comments above it say what it was made of."""
    heads = ["Rank", "Method", "Team", "Score", r"95\,\% interval", r"Win rate, \%", "Judgments"]
    rows = [_row(row, board.scale.page_decimals) for row in board.rows]
    comments = "".join(f"% {line}\n" for line in _comments(board))
    return comments + _begin("tabular", "rllrrrr", heads) + "".join(rows) + _end("tabular")


def judgments_tex(study: Study) -> Iterator[str]:
    """Yield the judgments that count as a longtable, with the columns of `JUDGMENT_COLUMNS`."""
    yield _begin("longtable", "rllllrr", [escape(name) for name in JUDGMENT_COLUMNS])
    for row in judgment_rows(study):
        if row["kind"] == Trial.Kind.COMPARISON and not row["excluded"]:
            yield _line(escape(str(row[name])) for name in JUDGMENT_COLUMNS)
    yield _end("longtable")


def escape(text: str) -> str:
    """Return text in which nothing is a command of TeX."""
    return "".join(_ESCAPED.get(character, character) for character in " ".join(text.split()))


def _comments(board: HumanBoard) -> Iterator[str]:
    part = f", data set {board.dataset.slug}" if board.dataset else ""
    yield f"Study {board.study.slug}{part}{': SIMULATED' if board.simulated else ''}"
    yield f"{board.judgments} judgments, {board.raters} raters, {board.pictures} pictures"
    yield f"Scores in {board.scale.unit}. {board.scale.anchor}"
    yield f"input {board.input_sha256}, software {board.software_version}"
    yield r"\usepackage{booktabs}"


def _row(row: HumanRow, places: int) -> str:
    ranks, interval = _NOTHING, _NOTHING
    if row.rank_low is not None and row.rank_high is not None:
        alone = row.rank_low == row.rank_high
        ranks = str(row.rank_low) if alone else f"{row.rank_low}--{row.rank_high}"
    if row.ci_low is not None and row.ci_high is not None:
        interval = f"${row.ci_low:.{places}f}$ to ${row.ci_high:.{places}f}$"
    score = _NOTHING if row.rank is None or row.score is None else f"${row.score:.{places}f}$"
    rate = _NOTHING if row.win_rate is None else f"{100 * row.win_rate:.0f}"
    names = (escape(row.method), escape(row.team))
    return _line([ranks, *names, score, interval, rate, str(row.judgments)])


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\" + "\n"


def _begin(kind: str, alignment: str, heads: Sequence[str]) -> str:
    return f"\\begin{{{kind}}}{{{alignment}}}\n\\toprule\n{_line(heads)}\\midrule\n"


def _end(kind: str) -> str:
    return f"\\bottomrule\n\\end{{{kind}}}\n"
