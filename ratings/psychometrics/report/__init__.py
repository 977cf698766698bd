"""Rankings for readers: published digits and figures."""
