"""A repository that we may change, and a place to run commands in it."""
