"""What is said of many pictures in the same words is said once."""

from ratings.imaging.alike import told_once


def test_alike_lines_become_one_that_names_the_others() -> None:
    lines = [(name, f"Missing image {name}") for name in ("a.png", "b.png", "c.png")]
    assert told_once(lines) == ["Missing image a.png. The same for 2 more: b.png, c.png."]


def test_lines_are_alike_that_differ_in_the_name_alone_with_or_without_its_end() -> None:
    lines = [
        (f"{stem}.png", f"Missing image {stem}.png: found '{stem}.webp.png'; call it '{stem}.png'.")
        for stem in ("IMG_1", "IMG_10", "x")
    ]
    assert told_once(lines) == [
        "Missing image IMG_1.png: found 'IMG_1.webp.png'; call it 'IMG_1.png'. The same for 2 more:"
        " IMG_10.png, x.png."
    ]


def test_all_else_stays_apart_and_in_order() -> None:
    lines = [
        ("a.png", "a.png: it has 7 x 6 pixels."),
        ("b.png", "Missing image b.png"),
        ("c.png", "c.png: it has 9 x 6 pixels."),
        ("d.png", "Missing image d.png"),
    ]
    assert told_once(lines) == [
        "a.png: it has 7 x 6 pixels.",
        "Missing image b.png. The same for 1 more: d.png.",
        "c.png: it has 9 x 6 pixels.",
    ]
    assert told_once([]) == []


def test_a_word_is_no_name() -> None:
    lines = [(name, f"Missing image {name}: it is a link") for name in ("link.png", "a.png")]
    assert told_once(lines) == ["Missing image link.png: it is a link. The same for 1 more: a.png."]
