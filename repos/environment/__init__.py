"""The environment that a repository runs in: interpreter, installation, packages."""
