"""The least that is taken for a factsheet, and when one is due."""

from datetime import timedelta

from tests.builders import CLOSES

PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"
DUE = CLOSES + timedelta(days=4)
