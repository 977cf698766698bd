"""What judgments tell about raters: quality, agreement, reliability, flags."""
