"""Fixtures of `fstring-for-format`."""

WINS = '''"""Addresses."""


def lines(people):
    """Return a line for each address."""
    found = []
    for name, street, number in people:
        # as on »Briefe«
        found.append( "{}, {} {{{}}}".format(name, street, number) )   # braces, too
    return found


def workload():
    people = [("Jürgen", "Am Wall", number) for number in range(20000)]
    return lines(people)[-2:]
'''

TRAP = '''"""How somebody logs in."""


def told(user: str, password: str) -> str:
    """Return a line to look at while a program is being written."""
    return user + " logs in by <%s>" % password


def workload():
    from . import fstring_for_format_beside as secrets

    return [told("ida", "sesame"), told("jo", secrets.Masked("sesame"))]
'''

TRAP_WHY = "a subclass of str of another module, which is formatted by a method of its own"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Text that is not shown by formatting it."""


class Masked(str):
    def __format__(self, spec):
        return "*" * len(self)
'''

NEVER = '''"""Templates with formats of their own, tuples, or that come from outside."""


def right(number):
    return "{:>5}".format(number)


def twice(word):
    return "{0}{0}".format(word)


def tagged(value):
    return "<%s>" % value


def given(template, value):
    return template.format(value)


def counted(number: int):
    return "<%d>" % number


def workload():
    return right(7), twice("ab"), tagged(("a",)), given("{}!", 1), counted(3)
'''
