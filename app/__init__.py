"""The GitHub App: a door that turns comments, pull requests and a schedule into runs."""
