"""Whether two versions do the same: what they return, print, write and raise."""
