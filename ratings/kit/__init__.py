"""What participants download. Each file runs alone and imports nothing of the site."""
