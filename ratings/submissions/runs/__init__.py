"""Runs of decoders: queued, leased to a worker, executed, ended."""
