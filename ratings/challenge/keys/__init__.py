"""The keys of a definition file: what tables there are, and what each key may hold."""
