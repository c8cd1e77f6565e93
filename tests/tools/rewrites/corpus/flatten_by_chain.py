"""Fixtures of `flatten-by-chain`."""

WINS = '''"""Chapters of a book."""


def paragraphs(chapters):
    """Return the paragraphs of all chapters, in order."""
    return sum([chapter["absätze"] for chapter in chapters], [])   # one long list


def workload():
    chapters = [{"absätze": [f"§ {number}.{part}" for part in range(4)]} for number in range(1500)]
    return len(paragraphs(chapters))
'''

TRAP = '''"""Rows that come from several files."""


def rows_of(files):
    """Return the rows of all files, in order.

    Raises:
        TypeError: A file holds something else than a list of rows.
    """
    return sum(files.values(), [])


def workload():
    told = []
    for files in ({"a": [1, 2], "b": [3]}, {"a": [1], "b": "none"}):
        try:
            told.append(rows_of(files))
        except TypeError:
            told.append("refused")
    return told
'''

TRAP_WHY = "an element that is no list: sum() refuses it, chain takes it apart"
TRAP_STAGE = "same answer"

NEVER = '''"""Sums that are no lists, or do not begin with an empty one."""


def total(rows):
    return sum([len(row) for row in rows], 10)


def continued(rows, first):
    return sum(rows, [first])


def workload():
    return total([[1], [2, 3]]), continued([[1], [2]], 0)
'''
