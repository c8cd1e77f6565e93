"""The gate: decides whether a candidate is right and faster. Needs no language model."""
