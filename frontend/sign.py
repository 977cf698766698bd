"""The site's sign, two versions of which one is chosen, as PNG files.

`python -m frontend.sign` makes what of static/icon.svg is needed as samples: an icon for browsers
that read no SVG, one for home screens, and the card of shared pages that have no picture.
"""

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parents[1] / "static"
# Sizes in pixels, the part of the lesser side that the sign's square takes, what is behind it.
FILES = {
    "icon.png": ((64, 64), 1.0, "#ffffff00"),
    "touch-icon.png": ((180, 180), 0.75, "#ffffff"),
    "card.png": ((1200, 630), 0.6, "#f5f6f8"),
}
CHOSEN, OTHER = "#1d3f94", "#7d8494"
SIDE = 28  # of icon.svg's square, in its units
FINER = 4  # so many times larger it is drawn, and reduced to smooth edges


def draw(size: tuple[int, int], part: float, paper: str) -> Image.Image:
    """Return the sign in the middle of a picture."""
    width, height = (FINER * side for side in size)
    picture = Image.new("RGBA", (width, height), paper)
    unit = part * min(width, height) / SIDE
    left, top = (width - SIDE * unit) / 2, (height - SIDE * unit) / 2
    pen = ImageDraw.Draw(picture)

    def rectangle(
        x: float, y: float, across: float, down: float, *, round_by: float, fill: str
    ) -> None:
        corners = (left + x * unit, top + y * unit)
        ends = (left + (x + across) * unit - 1, top + (y + down) * unit - 1)
        pen.rounded_rectangle((*corners, *ends), round_by * unit, fill)

    rectangle(1, 4, 12, 20, round_by=1.5, fill=CHOSEN)
    rectangle(15, 4, 12, 20, round_by=1.75, fill=OTHER)
    rectangle(16.5, 5.5, 9, 17, round_by=0.25, fill=paper)
    return picture.reduce(FINER)


def main() -> None:
    """Write the files."""
    for name, how in FILES.items():
        draw(*how).save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
