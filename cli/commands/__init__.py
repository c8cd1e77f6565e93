"""The commands, a noun or verb a module; importing one adds it to the command line."""
