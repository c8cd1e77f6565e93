"""Files that run in the target's own interpreter."""
