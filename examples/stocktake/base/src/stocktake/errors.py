"""Errors that callers may want to catch."""


class StocktakeError(Exception):
    """Base of every error this library raises on purpose."""


class ParseError(StocktakeError):
    """A line of a ledger or a catalog cannot be read."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


class StockError(StocktakeError):
    """A movement asks for stock that is not there."""
