"""Files of judgments, ours and others', read into counts."""
