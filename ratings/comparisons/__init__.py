"""Comparisons: studies, crops, raters, trials and judgments."""
