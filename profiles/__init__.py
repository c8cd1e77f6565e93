"""Where the time goes: recording, call stacks, hotspots, call facts, exports."""
