"""Runs inside the target process: the standard library alone, CPython 3.8 and later."""
