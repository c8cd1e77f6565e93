"""Instances out of a repository's own history."""
