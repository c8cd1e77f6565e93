"""Fixtures of `sorted-insert`."""

WINS = '''"""Medians of what has been measured so far."""


def medians(values: list[float]) -> list[float]:
    """Return the median after each value (of two middle ones the upper)."""
    ranked = []
    found = []
    for value in values:
        ranked.append(value)
        ranked.sort()    # »von klein nach groß«
        found.append(ranked[len(ranked) // 2])
    return found


def workload():
    return sum(medians([float(number * 7919 % 10007) for number in range(2500)]))
'''

TRAP = '''"""Letters that wait to be answered."""


class Letter:
    """A letter: the older it is, the sooner it is answered; a reminder makes it older."""

    def __init__(self, name, age):
        self.name = name
        self.age = age

    def __lt__(self, other):
        return self.age > other.age


def answered(letters, post):
    """Return the names of the letters in the order in which they are answered."""
    pile = []
    names = []
    for letter in letters:
        pile.append(letter)
        pile.sort()
        post.deliver()
        if len(pile) > 2:
            names.append(pile.pop(0).name)
    return names


def workload():
    from . import sorted_insert_beside as office

    letters = [Letter(name, age) for name, age in (("a", 5), ("b", 3), ("c", 9), ("d", 4))]
    return answered(letters, office.Post({2: letters[1]}))
'''

TRAP_WHY = "another module changes an element, so that the list is no longer sorted"
TRAP_STAGE = "same answer"

TRAP_BESIDE = '''"""The post, with its reminders."""


class Post:
    def __init__(self, reminders):
        self._reminders = reminders
        self._round = 0

    def deliver(self):
        """Bring the reminder of this round, if there is one."""
        self._round += 1
        letter = self._reminders.get(self._round)
        if letter is not None:
            letter.age += 20
'''

NEVER = '''"""Lists that are sorted the other way, or lose their order in between."""


def best(scores, most):
    top = []
    for score in scores:
        top.append(score)
        top.sort(reverse=True)
        del top[most:]
    return top


def mixed(words):
    pile = []
    for word in words:
        pile.append(word)
        pile.sort()
        pile.reverse()
    return pile


def workload():
    return best([3, 9, 1, 5], 2), mixed(["b", "a", "c"])
'''
