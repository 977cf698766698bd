"""A study before its first rater: its definition, its entries, pairs, crops and versions."""
