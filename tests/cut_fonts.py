"""What matplotlib cuts out of a font for a PDF is cut once in a process, and then is there.

Cutting takes four fifths of a PDF's time, and nearly all figures of tests have the same letters.
"""

import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from io import BytesIO
from types import ModuleType
from typing import Any

MODULE = "matplotlib.backends._backend_pdf_ps"
MOST = 100  # cuttings that are kept, of some 20 kB


def cut_once() -> None:
    """Let the library keep what it cuts, where a figure has been drawn already: it loads slowly."""
    module = sys.modules.get(MODULE)
    if module and not hasattr(module.get_glyphs_subset, "kept"):
        keep_cuttings(module)


def keep_cuttings(module: ModuleType) -> None:
    cut, as_file = module.get_glyphs_subset, module.font_as_file

    @lru_cache(MOST)
    def kept(font: str, glyphs: frozenset[int]) -> tuple[bytes, dict[int, int]]:
        with cut(font, glyphs) as cutting:
            return as_file(cutting.font).getvalue(), cutting.glyph_index_map

    def cut_of(font: str, glyphs: Iterable[int]) -> AbstractContextManager[Any]:
        return nullcontext(module.SubsetResults(*kept(font, frozenset(glyphs))))

    cut_of.kept = kept  # type: ignore[attr-defined]
    vars(module).update(get_glyphs_subset=cut_of, font_as_file=BytesIO)
