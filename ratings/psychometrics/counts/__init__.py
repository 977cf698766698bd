"""Judgments as numbers: one by one, tallied, and read from files."""
