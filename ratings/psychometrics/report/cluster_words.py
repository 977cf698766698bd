"""What a ranking was clustered by, in words."""

from ratings.psychometrics.rounding import counted


def from_clusters(members: str, clusters: int | None, word: str) -> str:
    """Return "40 pictures from 8 scenes"; the `members` alone where `clusters` is None."""
    if clusters is None:
        return members
    return f"{members} from {counted(clusters, word)}"
