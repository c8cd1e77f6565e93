"""Call facts: how the functions of a profile are called."""
