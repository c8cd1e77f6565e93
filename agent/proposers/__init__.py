"""Who suggests patches: the built-in rewrites, a language model, an outside agent."""
