"""Stored files: one store, one writer, one rule of deletion."""
