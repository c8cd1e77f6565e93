"""The search: what to ask in a round, of which version, and which candidates to keep."""
