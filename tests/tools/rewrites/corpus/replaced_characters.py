"""Fixtures of `replaced-characters`."""

WINS = '''"""Texts without their signs."""


def plain(text: str) -> str:
    """Return a text without commas, full stops and »quotes«."""
    # the rest stays as it is
    return "".join( sign for sign in text if sign not in ",.»«" ).lower()  # in small letters


def workload():
    return plain("»Übermut«, so sagt man, tut selten gut. Das ist wohl wahr. " * 700)[-80:]
'''

TRAP = '''"""Names for files."""


def file_name(title: str) -> str:
    """Return a name for a file about something."""
    return "".join("_" if sign in " /" else sign for sign in title)


def workload():
    from . import replaced_characters_beside as rich

    return [file_name("tea and/or milk"), file_name(rich.Styled("*tea* or *milk*"))]
'''

TRAP_WHY = "a subclass of str of another module, whose elements are not all its characters"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Text with marks."""


class Styled(str):
    def __iter__(self):
        """Yield the characters that are shown: the marks are not."""
        return (sign for sign in str.__iter__(self) if sign != "*")
'''

NEVER = '''"""Characters known later, replaced by each other, or no characters of text."""


def without(text: str, signs):
    return "".join(sign for sign in text if sign not in signs)


def swapped(text: str):
    return "".join({"a": "b", "b": "a"}.get(sign, sign) for sign in text)


def without_points(pieces):
    return "".join(piece for piece in pieces if piece != ".")


def first_of_each(text: str):
    found = ""
    for sign in text:
        if sign not in found:
            found += sign
    return found


def workload():
    pieces = without_points(["ab", ".", "c"])
    return without("a,b", ","), swapped("abc"), pieces, first_of_each("abba")
'''
