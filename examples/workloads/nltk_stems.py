"""Index a stack of reports: stem their words, and tell misspelled ones from the vocabulary."""

import random

from nltk.metrics.distance import edit_distance
from nltk.stem import PorterStemmer, SnowballStemmer

WORDS = """
international organisation traditional relational conditional generously hesitancy vietnamization
operator decisiveness hopefulness formality sensitivities triplicate formative electrical goodness
revival allowance inference airliner gyroscopic adjustable defensible irritant replacement
adjustment dependent adoption homologous communism activate angularity effective bowdlerize
running easily happily nationalization troubles agreed plastered motoring conflated hopping filing
flies dying cats ponies caresses skies constantly considering nevertheless knowledgeable
""".split()  # noqa: SIM905 - a list literal would be longer to read
MISSPELLED = ("organizashun", "irritent", "replasement", "dependant", "effectiv", "communizm")


def setup():
    """Write the reports and make the stemmers."""
    global reports, stemmers
    rng = random.Random(5)
    reports = [rng.choices(WORDS, weights=range(len(WORDS), 0, -1), k=120) for _ in range(12)]
    stemmers = [PorterStemmer(), SnowballStemmer("english")]


def workload():
    """Return the reports' stems, and the nearest word of the vocabulary to each misspelled one."""
    stems = [[stemmer.stem(word) for word in report] for report in reports for stemmer in stemmers]
    nearest = [
        min((edit_distance(word, known, transpositions=True), known) for known in WORDS)
        for word in MISSPELLED
    ]
    return stems, nearest
