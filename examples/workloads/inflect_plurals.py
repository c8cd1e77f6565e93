"""Put the nouns of a catalogue into the plural, with their counts, as a shop page does."""

import inflect

NOUNS = """
apple bicycle chair city cherry knife leaf wolf potato tomato hero photo piano analysis
crisis thesis cactus fungus octopus sheep fish series species man woman child tooth foot
mouse goose ox person box brush match glass kiss quiz wish baby lady monkey toy day key
essay hoof roof chief belief cliff calf half self shelf loaf thief life wife index matrix
vertex appendix criterion phenomenon datum medium memorandum curriculum bacterium formula
antenna larva vertebra stimulus syllabus nucleus radius alumnus
""".split()  # noqa: SIM905 - a list literal would be longer to read


def setup():
    """Make the engine and the lines of the page."""
    global engine, lines
    engine = inflect.engine()
    lines = [(noun, count) for count in (1, 2, 7, 40) for noun in NOUNS]


def workload():
    """Return the page's lines."""
    page = []
    for noun, count in lines:
        page.append(f"{engine.no(noun, count)}; {engine.plural(noun, count)}; {engine.a(noun)}")
        page.append(f"{engine.number_to_words(count * 1234)} {engine.plural_noun(noun, count)}")
    return page
