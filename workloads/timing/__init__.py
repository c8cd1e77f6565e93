"""How two versions are timed against each other, and what the times amount to."""
