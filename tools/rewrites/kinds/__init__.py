"""What is known of the values that expressions have, and of what known calls return."""
