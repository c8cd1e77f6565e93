"""Rewrites that find what is looked for without looking at everything."""
