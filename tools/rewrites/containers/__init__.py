"""Rewrites of containers that are copied, grown or emptied at a price."""
