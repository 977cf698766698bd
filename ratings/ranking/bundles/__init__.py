"""Replication bundles: written, checked, packed and stored."""
