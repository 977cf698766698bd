# SPDX-License-Identifier: Apache-2.0
"""Run a stranger's program: limits in, result value out.

`decoders.unpacking` turns what was sent into a folder with `decode` at its top; a `Sandbox` runs it
where it can reach nothing but its own files, and returns a `RunResult`. docs/sandbox.md says what
holds it.

All of it needs Python's library alone: the participants' kit ships the files that check an entry.
"""
