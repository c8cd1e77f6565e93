"""Edits as models write them: read from a reply, placed in files, and told apart."""
