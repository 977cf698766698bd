"""Judgments: stored once and for good, which of them count, and what is counted of them."""
