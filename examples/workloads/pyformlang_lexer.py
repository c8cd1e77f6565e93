"""Build the automata of a lexer's token classes, and ask a grammar what it derives."""

from pyformlang.cfg import CFG
from pyformlang.regular_expression import Regex

KEYWORDS = """
and as assert async await break class continue def del elif else except finally for from global if
import in is lambda nonlocal not or pass raise return try while with yield
""".split()  # noqa: SIM905 - a list literal would be longer to read
TOKENS = [
    "(a|b|c|d) (a|b|c|d|0|1)*",
    "(0|1) (0|1)*",
    "- - (a|b|c)*",
    "(p|m|$) (0|1)* d (0|1)*",
    "(" + "|".join(" ".join(word) for word in KEYWORDS) + ")",
]
GRAMMAR = """
S -> E
E -> T + E | T
T -> F * T | F
F -> ( E ) | id | num
"""
WORDS = [
    ["id"],
    ["id", "+", "num"],
    ["(", "id", "*", "num", ")", "+", "id"],
    ["id", "*", "(", "num", "+", "id", ")", "*", "num"],
    ["id", "id"],
]


def workload():
    """Return the automata's sizes, what they accept, and which words the grammar derives."""
    automata = [Regex(token).to_epsilon_nfa().minimize() for token in TOKENS]
    sizes = [(len(each.states), each.get_number_transitions()) for each in automata]
    accepted = [[each.accepts(list(text)) for text in ("ab0", "01", "if", "")] for each in automata]
    grammar = CFG.from_text(GRAMMAR)
    return sizes, accepted, [grammar.contains(word) for word in WORDS]
