"""Several machines as processes in network namespaces, and what they bear."""
