"""A rater's session: trials, judgments, and what the rating page tells besides."""
