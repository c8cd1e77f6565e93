"""Find the likely duplicates in a list of customers."""

import textdistance

NAMES = """
Katherine Johansson, Catherine Johanson, Stephen O'Malley, Steven OMally, Friedrich Schneider,
Fredrick Snyder, Guillermo Hernandez, Gilermo Hernandes, Margaret Thompson, Margret Tomson,
Alexander Kowalski, Aleksander Kowalsky, Elisabeth Lindqvist, Elizabeth Lindquist
"""


def setup():
    """Read the list."""
    global names
    names = [" ".join(each.split()) for each in NAMES.split(",")]


def workload():
    """Return for each pair how alike four measures find it."""
    measures = [
        textdistance.DamerauLevenshtein(external=False),
        textdistance.JaroWinkler(external=False),
        textdistance.LCSSeq(external=False),
        textdistance.Levenshtein(external=False),
    ]
    return [
        [round(measure.normalized_similarity(first, second), 9) for measure in measures]
        for number, first in enumerate(names)
        for second in names[:number]
    ]
