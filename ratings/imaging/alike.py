# SPDX-License-Identifier: Apache-2.0
"""What is said of many pictures in the same words is said once, with the list of them."""

import re
from collections.abc import Iterable

NAME = "\0"  # in the place of a name, which is read by the dot or quote behind it


def told_once(lines: Iterable[tuple[str, str]]) -> list[str]:
    """Return lines about pictures, each given with its picture's name; alike ones become one.

    Lines are alike that differ in the picture's name alone: the first of them stands for all, and
    names the others. The order is that of the first ones.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for name, line in lines:
        stem = re.escape(name.removesuffix(".png"))
        pattern = re.sub(rf"(?<![^\W_]){stem}(?=[.'])", NAME, line)
        groups.setdefault(pattern, []).append((name, line))
    return [_line(group) for group in groups.values()]


def _line(group: list[tuple[str, str]]) -> str:
    (_, line), *others = group
    if not others:
        return line
    names = ", ".join(name for name, _ in others)
    return f"{line.removesuffix('.')}. The same for {len(others)} more: {names}."
