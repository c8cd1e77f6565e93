"""Fixtures of `comprehension-for-lambda`."""

WINS = '''"""Temperatures."""


def celsius(readings):
    """Return readings in °C, without those that are none."""
    # from °F
    return list( map(lambda reading: (reading - 32) * 5 / 9, readings) )   # in their order


def workload():
    return sum(celsius(range(40000)))
'''

TRAP = '''"""What somebody types."""


def answers(keyboard, questions):
    """Return the answers to questions, as far as there are any."""
    return list(map(lambda question: (question, keyboard.line()), questions))


def workload():
    from . import comprehension_for_lambda_beside as terminal

    told = []
    for lines in (["Ida", "7"], ["Jo"]):
        try:
            told.append(answers(terminal.Keyboard(lines), ["name", "age"]))
        except StopIteration:
            told.append("went away")
    return told
'''

TRAP_WHY = "a method of another module that ends the map by StopIteration"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Keyboards that run out of lines."""


class Keyboard:
    def __init__(self, lines):
        self._lines = iter(lines)

    def line(self):
        return next(self._lines)
'''

NEVER = '''"""Maps that are asked for later, or whose lambdas keep scopes of their own."""


def later(numbers):
    return map(lambda number: number + 1, numbers)


def closures(numbers):
    return list(map(lambda number: lambda: number, numbers))


def until_the_end(numbers, rest):
    return list(map(lambda number: (number, next(rest)), numbers))


def scaled(numbers):
    return list(map(lambda number, factor=2: number * factor, numbers))


def texts(numbers):
    return list(map(str, numbers))


def workload():
    numbers = [1, 2]
    kept = [each() for each in closures(numbers)]
    pairs = until_the_end(numbers, iter("a"))
    return list(later(numbers)), kept, pairs, scaled(numbers), texts(numbers)
'''
