"""How the rewrites write their changes, everything else left byte for byte."""
