"""How tricks and honest patches fare before perfagent's checks, and before other rules."""
