"""Rewrites that keep an answer for when it is asked for again."""
