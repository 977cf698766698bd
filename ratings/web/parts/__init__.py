"""What pages share: words, charts, rows, errors."""
