"""Accounts, teams and their members, and what was done by hand."""
