"""Rewrites of work on strings."""
