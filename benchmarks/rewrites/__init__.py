"""What each built-in rewrite gains where it wins, and which stage refuses it where it is wrong."""
