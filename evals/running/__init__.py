"""One patch on one instance: from its environment to its times."""
