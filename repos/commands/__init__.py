"""Commands of a repository, run under a guard: limits, pipes, variables, containers."""
