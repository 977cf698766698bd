"""Trials: what a rater is shown next, how far the session is, and how it ends."""
