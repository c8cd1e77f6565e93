"""Rewrites of loops into what compiled code does, or does sooner."""
