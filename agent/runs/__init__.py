"""A run: its request, its directory, its budget, and the record it leaves."""
