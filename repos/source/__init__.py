"""Where a repository comes from, and the cache of mirrors that it is read through."""
