"""Fixtures of `joined-checks`."""

WINS = '''"""Links of a page."""


def is_outside(link: str) -> bool:
    """Return whether a link leads away from the site (also to »gemini«)."""
    return link.startswith("http://") or link.startswith("https://") or link.startswith("ftp://") \\
        or link.startswith("gemini://")   # rare


def workload():
    links = ["/impressum", "über.html", "#top", "gemini://kiosk.example", "mailto:a@b.example"]
    return sum(is_outside(link) for link in links * 12000)
'''

TRAP = '''"""Lines of a long text."""


def is_comment(line):
    """Return whether a line is for people only."""
    return line.startswith("#") or line.startswith("//") or line.startswith("--")


def workload():
    from .joined_checks_beside import Rope

    lines = [Rope(["x = ", "1"]), Rope(["/", "/ note"]), Rope(["# ", "end"])]
    code = [line for line in lines if not is_comment(line)]
    return code[0].startswith("x")
'''

TRAP_WHY = "a text-like class of another module whose startswith() takes one prefix only"
TRAP_STAGE = "same calls"

TRAP_BESIDE = '''"""Long texts as pieces that are never joined."""

from itertools import chain, islice


class Rope:
    def __init__(self, pieces):
        self._pieces = list(pieces)

    def startswith(self, prefix):
        first = islice(chain.from_iterable(self._pieces), len(prefix))
        return list(first) == list(prefix)
'''

NEVER = '''"""Checks of different things, and checks that must all hold."""


def is_pair(left: str, right: str) -> bool:
    return left.startswith("(") or right.endswith(")")


def is_quoted(text: str) -> bool:
    return text.startswith('"') and text.endswith('"')


def workload():
    return is_pair("(a", "b"), is_quoted('"a"')
'''
