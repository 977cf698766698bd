"""What a release shows to whom, in words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Seen:
    """What is seen without an instant, and what from it on; how both are called.

    `back` is what choosing the former undoes, once the instant has passed.
    """

    closed: str
    opened: str
    not_yet: str = "Not yet"
    since: str = "Open since"
    back: str = "What is open is taken back. "


BOARDS = Seen(
    "Organizers and viewers alone see the boards and all that follows from them.",
    "Everyone sees both boards, the page of each method, exports, factsheets and awards.",
)
FREEZE = Seen(
    "Everyone sees the boards live once they are open.",
    "Everyone sees the boards as they stand at that instant, and no pages of methods; organizers"
    " and viewers see them live.",
    not_yet="Never",
    since="Frozen since",
    back="",
)
THAW = Seen(
    "The boards stay frozen.",
    "Everyone sees the boards live again.",
    since="Live since",
    back="The boards are frozen again. ",
)
ORIGINALS = Seen(
    "This phase shows its pictures to organizers and viewers alone.",
    "Everyone sees the pictures of the phase and downloads them.",
)
