"""Fixtures of `get-for-keyerror`."""

WINS = '''"""Ranks of words in a list of the most frequent ones."""


def ranked(words: list[str], ranks: dict[str, int]):
    """Return each word's rank, 0 for those that are not in the list."""
    found = []
    for word in words:
        # most are »selten«
        try:
            rank = ranks[word]
        except KeyError:
            rank = 0
        found.append( rank )   # in order
    return found


def workload():
    ranks = {f"word {number}": number for number in range(0, 80000, 10)}
    return sum(ranked([f"word {number}" for number in range(80000)], ranks))
'''

TRAP = '''"""Votes of a meeting."""


def votes(counted: dict[str, int], name: str):
    """Return how many votes somebody got, None for those who could not be voted for."""
    try:
        return counted[name]
    except KeyError:
        return None


def workload():
    from collections import Counter

    by_hand = Counter(["Ida", "Jo", "Ida"])
    return [votes(by_hand, name) for name in ("Ida", "Kim")], votes({"Ida": 2}, "Kim")
'''

TRAP_WHY = "a Counter is a dict that raises no KeyError: it has a number for every key"
TRAP_STAGE = "same answer"

NEVER = '''"""Exceptions that tell something else, or that come from elsewhere."""


def chained(names: dict[str, str], others: dict[str, dict], key: str):
    try:
        found = names[others[key]["name"]]
    except KeyError:
        found = ""
    return found


def told(prices: dict[str, int], name: str):
    try:
        price = prices[name]
    except KeyError as error:
        price = str(error)
    return price


def listed(rows, at):
    try:
        row = rows[at]
    except LookupError:
        row = None
    return row


def workload():
    return chained({}, {"a": {}}, "a"), told({}, "b"), listed([1], 0)
'''
