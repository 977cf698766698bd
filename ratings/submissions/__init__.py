"""Submissions: decoded images, bitstreams and decoders, taken in file by file."""
