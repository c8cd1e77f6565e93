"""What the rewrites read in code: names and scopes, uses, loops, effects."""
