"""Rewrites that do once what was done again and again."""
