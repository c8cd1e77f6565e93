"""Fixtures of `extend-at-once`."""

WINS = '''"""Lines of a report."""


def report(title: str, rows: list[str], notes: list[str]) -> list[str]:
    """Return a report's lines: head, rows, and notes in brackets (»Fußnoten«)."""
    lines = [title]
    lines.append("=" * len(title))
    for row in rows:
        lines.append(row)   # as it is
    return lines


def workload():
    rows = [f"Zeile {number}" for number in range(4000)]
    return sum(len(report("Übersicht", rows, [])) for _ in range(300))
'''

TRAP = '''"""Pages that number their own lines."""


class Page:
    def __init__(self):
        self.lines: list[str] = []

    def numbered(self, text):
        """Return a text with the number that its line will have."""
        return f"{len(self.lines) + 1:03} {text}"


def filled(page: Page, texts: list[str]) -> list[str]:
    """Put texts on a page, a line each, and return those lines."""
    lines = page.lines
    first = len(lines)
    for text in texts:
        lines.append(page.numbered(text))
    return lines[first:]


def workload():
    page = Page()
    return filled(page, ["Tea", "Milk"]), filled(page, ["Rice", "Salt"])
'''

TRAP_WHY = "another name for the list: each element depends on how long it is already"
TRAP_STAGE = "same answer"

NEVER = '''"""Lists that the loop looks at, or that others see half done."""


def spaced(words: list[str]) -> list[str]:
    lines = ["start"]
    lines.append("")
    for word in words:
        lines.append(f"{lines[-1]}{word}")
    return lines


def parsed(words: list[str]) -> list[int]:
    numbers = [0]
    numbers.append(0)
    try:
        for word in words:
            numbers.append(int(word))
    except ValueError:
        numbers.append(-1)
    return numbers


def workload():
    return spaced(["a", "b"]), parsed(["1", "x", "2"])
'''
