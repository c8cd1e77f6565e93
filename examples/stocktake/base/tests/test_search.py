import pytest

from stocktake import SearchIndex
from stocktake.search import tokenize


@pytest.fixture
def index(catalog):
    return SearchIndex(catalog)


def test_tokens_are_lower_case_without_stop_words():
    assert tokenize("The Hinge, for an M6-20 bolt") == ["hinge", "m6-20", "bolt"]


def test_words_are_numbered_as_they_come(index):
    assert index.vocabulary[:5] == ["hexagonal", "bolt", "m6", "zinc", "20"]
    assert len(set(index.vocabulary)) == len(index.vocabulary)


def test_word_finds_all_that_have_it(index):
    assert [sku for sku, _ in index.search("bolt")] == ["BOLT-M6-20", "BOLT-M8-40"]


def test_rare_word_weighs_more(index):
    assert [sku for sku, _ in index.search("bolt stainless")][0] == "BOLT-M8-40"


def test_last_word_may_be_unfinished(index):
    assert [sku for sku, _ in index.search("brass hin")] == ["HINGE-75"]
    assert index.search("hin brass") == index.search("brass")


def test_same_question_has_the_same_answer(index):
    first = index.search("hexagonal bolt zinc")
    assert index.search("hexagonal bolt zinc") == first
    assert first[0][0] == "BOLT-M6-20"


def test_limit(index):
    assert len(index.search("mm", limit=2)) == 2


@pytest.mark.parametrize("query", ["", "the", "   "])
def test_empty_query_finds_nothing(index, query):
    assert index.search(query) == []


def test_unknown_words_find_nothing(index):
    assert index.search("unicorn saddle") == []


def test_equal_scores_stand_by_sku(index):
    found = index.search("hexagonal")
    assert found[0][1] == found[1][1]
    assert [sku for sku, _ in found] == ["BOLT-M6-20", "BOLT-M8-40"]
