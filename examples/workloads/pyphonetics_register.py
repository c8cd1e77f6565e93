"""Group a register of surnames by how they sound, and tell how far each pair is apart."""

from pyphonetics import FuzzySoundex, Lein, MatchingRatingApproach, Metaphone, RefinedSoundex

SURNAMES = """
Johansson Johanson Jonson Schneider Snyder Sneider Hernandez Hernandes Thompson Tomson Kowalski
Kowalsky Lindqvist Lindquist Fernandez Ferdinand Wright Rite Knight Night Philips Filips McDonald
MacDonald Nguyen Smith Smythe Schmidt Catherine Katherine Robertson Rupert Ashcraft Tymczak Pfister
""".split()  # noqa: SIM905 - a list literal would be longer to read


def setup():
    """Make the algorithms."""
    global refined, others
    refined = RefinedSoundex()
    others = [FuzzySoundex(), Lein(), MatchingRatingApproach(), Metaphone()]


def workload():
    """Return the codes, and the distances of all pairs."""
    codes = [[each.phonetics(name) for name in SURNAMES] for each in (refined, *others)]
    apart = [[refined.distance(first, second) for second in SURNAMES] for first in SURNAMES]
    return codes, apart
