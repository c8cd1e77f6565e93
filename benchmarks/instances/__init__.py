"""What the rewrites find, with no model, on instances of a benchmark."""
