"""Fixtures of `constant-set`."""

WINS = '''"""Key words of a text."""

STOP_WORDS = (
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "had",
    "has", "have", "he", "her", "his", "if", "in", "is", "it", "its", "not", "of",
    "on", "or", "she", "so", "that", "the", "their", "then", "there", "they", "this",
    "to", "was", "were", "which", "with", "à", "où",   # and two that tourists use
)


def key_words(text: str):
    """Return the words of a text that say something."""
    return [ word for word in text.split() if word not in STOP_WORDS ]


def workload():
    text = "the old harbour café was busy with fishermen which came from their boats "
    return len(key_words(text * 6000))
'''

TRAP = '''"""Values of a form."""


def is_blank(value):
    """Return whether a field of a form was left as it was."""
    return value in (None, "", "-", "none", "null", 0)


def filled(form):
    return {name: value for name, value in form.items() if not is_blank(value)}


def workload():
    return filled({"name": "Ana", "street": "", "age": 0, "phone": "-", "town": "Bonn"})
'''

TRAP_WHY = "a value that cannot be hashed, which only a test asks about"
TRAP_STAGE = "covering tests"

TRAP_TEST = """from traps.constant_set import filled


def test_a_field_with_several_values_is_not_blank():
    assert filled({"days": ["mon", "tue"], "room": ""}) == {"days": ["mon", "tue"]}
"""

NEVER = '''"""Too few, or not constant."""

SHORT = ("yes", "no")


def is_answer(word: str) -> bool:
    return word in SHORT


def is_near(number: int, middle: int) -> bool:
    return number in (middle - 2, middle - 1, middle, middle + 1, middle + 2)


def workload():
    return [is_answer("no"), is_answer("perhaps"), is_near(3, 5), is_near(3, 9)]
'''
