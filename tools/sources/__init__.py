"""What a proposer reads of a tree: lines, functions, and whom they call."""
