"""Postgres: our own cluster by default, and the settings without which nothing is promised."""
