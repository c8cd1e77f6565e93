"""A repository's own tests: a run of them, what it reports, and which lines they cover."""
