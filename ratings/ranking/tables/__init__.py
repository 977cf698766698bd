"""Boards, judgments, series and the panel's sheet as files."""
