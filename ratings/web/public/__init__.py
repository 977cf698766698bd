"""Pages for everybody: challenges, boards, methods."""
