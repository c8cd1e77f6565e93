"""Fixtures of `position-for-remainder`."""

WINS = '''"""Messages as they come over a wire."""


def letters(text: str):
    """Return what was sent: a bar keeps the letter behind it as it is (»so«)."""
    found = []
    # to the end
    while text:
        if text[0] == "|" and len(text) > 1:
            found.append( text[1] )   # as it is
            text = text[2:]
        else:
            found.append(text[0].lower())
            text = text[1:]
    return "".join(found)


def workload():
    return letters("GRÜSSE |AUS Köln||; " * 1500)[-20:]
'''

TRAP = '''"""Letters that go out."""


def sent(letters: list[str]):
    """Return what is written on each letter, in the order in which they go out."""
    found = []
    while letters:
        found.append(letters[0].upper())
        letters = letters[1:]
    return found


def workload():
    from .position_for_remainder_beside import Tray

    open_tray, locked_tray = Tray(["to Ida", "to Jo"]), Tray(["to Kim"])
    locked_tray.is_locked = True
    return sent(open_tray), sent(locked_tray), sent(["to Lu"])
'''

TRAP_WHY = "a subclass of list that says it is empty although it has elements"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Trays for letters."""


class Tray(list):
    is_locked = False

    def __bool__(self):
        """Whether anything can be taken out."""
        return not self.is_locked and len(self) > 0
'''

NEVER = '''"""Rests that are needed as such."""


def rests(text: str):
    found = []
    while text:
        found.append(text)
        text = text[1:]
    return found


def stripped(text: str):
    words = 0
    while text:
        words += 1
        text = text[1:].strip("a")
    return words


def ends(text: str):
    found = []
    while text:
        found.append(text[-1] + text[0])
        text = text[1:]
    return found


def once(text: str):
    text = text[1:]
    return text[0]


def workload():
    return rests("abc"), stripped("bab"), ends("abc"), once("ab")
'''
