"""What recording call facts and matching the rewrites cost."""
