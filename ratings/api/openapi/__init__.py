"""The interface described: its OpenAPI schema, the page made of it, the frameworks' settings."""
