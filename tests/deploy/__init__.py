"""What stands around the site: its image, its units, its backup."""
