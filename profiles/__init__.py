"""Where the time goes: recording, call stacks, hotspots, exports."""
