"""Accounts at the desk, and what was done by hand."""
