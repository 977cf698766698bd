"""What submissions hold on disk, how much that may be, and when it goes."""
