"""Ranking: Bradley-Terry fits of a study, the human board and its exports."""
