"""Fixtures of `join-pieces`."""

WINS = '''"""Tables as text."""


def table(rows: list[list[str]]) -> str:
    """Return rows as lines, with »·« between the cells."""
    text = ""
    for row in rows:
        line=" · ".join(row)
        text = text + line + "\\n"   # one row, one line
    return text


def workload():
    return len(table([[f"Größe {number}", "m", "kg", "°C"] for number in range(6000)]))
'''

TRAP = '''"""Pages made of pieces, some of which come from users."""


class Markup(str):
    """Text that is safe to show: plain text in front of it is made safe when it is added."""

    def __radd__(self, text):
        return Markup(text.replace("<", "&lt;") + str(self))


def page(title, pieces):
    """Return a page of pieces, in order."""
    text = title
    text = str(title)
    for piece in pieces:
        text += piece
    return text


def workload():
    return page("1 < 2", [Markup("<b>"), "a < b", Markup("</b>")])
'''

TRAP_WHY = "pieces of a subclass of str that changes what they are added to"
TRAP_STAGE = "same answer"

NEVER = '''"""Texts that are looked at while they grow, and sums that are no texts."""


def wrapped(words: list[str], width: int) -> str:
    text = ""
    for word in words:
        if len(text) % width + len(word) > width:
            text += "\\n"
        text += word
    return text


def total(numbers: list[int]) -> int:
    amount = 0
    for number in numbers:
        amount += number
    return amount


def workload():
    return wrapped(["ab", "cd", "ef"], 5), total([1, 2])
'''
