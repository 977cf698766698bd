"""A worker that runs decoders on any machine, and reaches its site over HTTPS alone."""
