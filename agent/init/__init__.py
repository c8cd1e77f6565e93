"""Looks at a repository and proposes what perfagent needs to know of it."""
