"""Challenges, their definitions and their pictures."""
