"""What a patch may not do: signs of tricks, and what is out of its scope."""
