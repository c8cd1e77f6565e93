"""Rewrites of calls, tests and branches that cost more than they need."""
