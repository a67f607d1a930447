"""Verbs of the first line: the only code that writes. One file per step of the walk."""
