"""What may be done to code: read, edit, check, and the built-in rewrites."""
