"""Metrics as entrants: what they say of pairs, scored against judgments that are held back."""
