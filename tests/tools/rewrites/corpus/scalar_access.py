"""Fixtures of `scalar-access`."""

WINS = '''"""Marks of pupils."""

import pandas as pd


def graded(pupils):
    """Write the mark of each pupil (»Übung macht den Meister«)."""
    # One by one.
    for i in pupils.index:
        pupils.loc[i, "mark"] = pupils.loc[ i, "points" ] // 10   # rounded down
    return pupils


def workload():
    points = [number * 37 % 101 for number in range(1000)]
    return graded(pd.DataFrame({"points": points, "mark": 0}))["mark"].tolist()[::20]
'''

TRAP = '''"""Notes on patients."""

import pandas as pd


def noted(patients, found):
    """Write down what was found; return whom a note does not fit."""
    left = []
    for i in patients.index:
        try:
            patients.loc[i, "note"] = found[i]
        except ValueError:
            left.append(int(i))
    return left


def workload():
    patients = pd.DataFrame({"name": ["Ida", "Jo"], "note": pd.Series(["", ""], dtype=object)})
    return noted(patients, ["well", {"pulse": 80}]), len(patients)
'''

TRAP_WHY = "a value that is a dictionary: loc takes it for several"
TRAP_STAGE = "same answer"

NEVER = '''"""Selections of more than one value."""

import pandas as pd


def cleared(frame):
    for i in frame.index:
        frame.loc[i, ["a", "b"]] = 0
    return frame


def marked(frame, masks):
    for mask in masks:
        frame.loc[mask, "a"] = 1
    return frame


def workload():
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    return marked(cleared(frame), [[True, False]]).to_numpy().tolist()
'''
