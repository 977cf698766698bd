"""Codecs as entries: bytes, pixels, and how to spend a byte budget."""
