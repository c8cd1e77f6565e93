"""The built-in rewrites for code over numpy's arrays and pandas' frames and series."""
