"""Rankings that never change, and how they are cited."""
