"""Fixtures of `affixes-at-once`."""

WINS = '''"""Stems of words."""

ENDINGS = ("ational", "tional", "izer", "alism", "ousness", "iveness", "fulness", "ement")


def stem(word: str) -> str:
    """Return a word without its ending (»settlement« becomes »settl«)."""
    # the longest come first
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 2:  # not all of it
            word = word[: -len(ending)]
            break
    return word


def workload():
    words = "der Übermut settlement of the relational tables and of all other things".split()
    return [stem(word) for word in words * 300][:20]
'''

TRAP = '''"""What kind of file a name stands for."""

PICTURES = (".png", ".jpg", ".gif", ".svg")


def kind(name: str) -> str:
    """Return the kind of a picture, else nothing."""
    for ending in PICTURES:
        if name.endswith(ending):
            return ending[1:]
    return ""


def workload():
    from . import affixes_at_once_beside as files

    return [kind("tree.png"), kind("a.txt"), kind(files.FileName("TREE.PNG"))]
'''

TRAP_WHY = "a subclass of str of another module, whose method does not take tuples"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""Names of files on a disk that does not tell capitals from others."""


class FileName(str):
    def endswith(self, ending):
        return self[-len(ending) :].lower() == ending
'''

NEVER = '''"""Prefixes that come in a list, are few, or whose number is kept."""

LISTED = ["un", "re", "pre", "over"]
PAIR = ("un", "re")
MANY = ("un", "re", "pre", "over")


def by_list(word: str):
    for prefix in LISTED:
        if word.startswith(prefix):
            return prefix
    return ""


def by_pair(word: str):
    for prefix in PAIR:
        if word.startswith(prefix):
            return prefix
    return ""


def tried(word: str):
    count = 0
    for prefix in MANY:
        if word.startswith(prefix):
            return count
        else:
            count += 1
    return count


def last(word: str):
    for prefix in MANY:
        if word.startswith(prefix):
            break
    return prefix


def workload():
    return by_list("preset"), by_pair("redo"), tried("overdo"), last("tree")
'''
