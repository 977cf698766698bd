"""Run a stranger's program: limits in, outcome value out.

`unpacking` turns what was sent into a folder with `decode` at its top; a `Sandbox` runs it where it
can reach nothing but its own files, and returns an `Outcome`. docs/sandbox.md says what holds it.
"""
