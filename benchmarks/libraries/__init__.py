"""The built-in rewrites on real libraries: what they find, and what stands up to the gate."""
