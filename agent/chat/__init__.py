"""Conversations with models: whom to ask, what was said and what it costs."""
