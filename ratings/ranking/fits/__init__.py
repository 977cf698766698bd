"""Fits of a study's counts: as published, their variants, and when judgments are enough."""
