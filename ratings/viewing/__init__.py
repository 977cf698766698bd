"""Viewing: whole pictures of released phases as tiles, made ahead within a share of the disk."""
