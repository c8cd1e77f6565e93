"""A profile as people and other programs look at it: trees, tables, formats of viewers."""
