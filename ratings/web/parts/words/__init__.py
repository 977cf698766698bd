"""What is known, as the words of pages."""
