"""Figures of a ranking for print: scores, pair probabilities, ranks, and PSNR against people.

Drawn by matplotlib without pyplot, on a light ground, as SVG or PDF whose bytes follow from the
ranking, the fonts and the library's version alone. Letters are drawn as shapes of the fonts that
`fonts` names; a figure with a letter that none of them has says so, and its SVG has text as text,
for the fonts of who looks at it. The library's settings are changed while a figure is drawn only.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any

from ratings.psychometrics.report import fonts
from ratings.psychometrics.report.curve_drawing import CurveDrawing
from ratings.psychometrics.report.drawing import Drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIGURES = ("scores", "win-probabilities", "ranks", "psnr")
FORMATS = ("svg", "pdf")
# Width and height of a card as networks show it, and as many rows as it has room for.
CARD_PIXELS, CARD_DPI, CARD_METHODS = (1200, 630), 160, 7
# matplotlib's settings are those of all threads, so one figure is drawn at a time.
_DRAWING = Lock()


def draw(name: str, drawing: Drawing, form: str) -> bytes:
    """Return a figure by its name in `FIGURES` as "svg" or "pdf"; equal drawings, equal bytes.

    Raises ValueError where there is nothing to draw, KeyError for an unknown name.
    """
    from ratings.psychometrics.report import plots

    return _saved(lambda: plots.PLOTS[name](drawing), drawing.texts(), form)


def draw_curves(drawing: CurveDrawing, form: str) -> bytes:
    """Return curves over rates as "svg" or "pdf"; equal drawings, equal bytes.

    Raises ValueError where there is nothing to draw.
    """
    from ratings.psychometrics.report import curve_plots

    return _saved(lambda: curve_plots.plot_curves(drawing), drawing.texts(), form)


def _saved(plot: "Callable[[], Figure]", texts: list[str], form: str) -> bytes:
    """Return what a figure is saved as; it is drawn and saved under these figures' settings."""
    # matplotlib takes longer to import than most rankings take to fit.
    import matplotlib as mpl

    from ratings.psychometrics.report import plots

    out = BytesIO()
    svg = "none" if fonts.lacking(texts) else "path"
    # A font of PostScript outlines would be embedded as TrueType, which not every reader takes.
    pdf = 42 if fonts.needed(texts) in ([], ["DejaVu Sans"]) else 3
    formats: dict[Any, Any] = {"svg.fonttype": svg, "pdf.fonttype": pdf}
    with _DRAWING, mpl.rc_context(plots.settings() | formats):
        plot().savefig(out, format=form, metadata=_metadata(texts, form))
    return out.getvalue()


def draw_card(drawing: Drawing) -> bytes:
    """Return the scores of the first methods as a PNG of `CARD_PIXELS`, for links that are shared.

    Raises ValueError where there is nothing to draw.
    """
    import matplotlib as mpl

    from ratings.psychometrics.report import plots

    shown, every = drawing.methods[:CARD_METHODS], len(drawing.methods)
    facts = f"{drawing.facts}; the first {CARD_METHODS} of {every}"
    first = replace(drawing, methods=shown, facts=drawing.facts if len(shown) == every else facts)
    out = BytesIO()
    with _DRAWING, mpl.rc_context(plots.settings()):
        figure = plots.plot_scores(first)
        figure.set_size_inches(CARD_PIXELS[0] / CARD_DPI, CARD_PIXELS[1] / CARD_DPI)
        figure.savefig(out, format="png", dpi=CARD_DPI, metadata={"Software": None})
    return out.getvalue()


def drawn(drawing: Drawing) -> Iterator[tuple[str, bytes]]:
    """Yield file names and contents of all figures for which the drawing has what they need."""
    for name in FIGURES:
        for form in FORMATS:
            with suppress(ValueError):
                yield f"{name}.{form}", draw(name, drawing, form)


def _metadata(texts: list[str], form: str) -> dict[str, str | None]:
    """Return a file's own facts: what its fonts lack, and no date."""
    date, about = {"svg": ("Date", "Description"), "pdf": ("CreationDate", "Subject")}[form]
    note = fonts.lacking_note(texts)
    return {date: None} | ({about: note} if note else {})
