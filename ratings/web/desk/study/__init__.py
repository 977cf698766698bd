"""A study at the desk: planned, prepared, running, published."""
