"""The built-in rewrites: rules that propose patches with no model."""
