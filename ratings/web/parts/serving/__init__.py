"""What is served beside pages: files, their joining, health, the kit."""
