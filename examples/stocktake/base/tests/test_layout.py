import pytest

from stocktake import Floor, StockError


@pytest.fixture
def floor():
    return Floor.grid("ABC", 10)


def test_grid_has_every_bay(floor):
    assert len(floor.bays()) == 30
    assert floor.bays()[0] == "A-01"


def test_walk_along_an_aisle(floor):
    assert floor.shortest_walk("A-02", "A-05") == (9, ["A-02", "A-03", "A-04", "A-05"])


def test_walk_takes_the_nearer_crossing(floor):
    metres, walk = floor.shortest_walk("A-06", "B-07")
    assert metres == 3 + 5 + 6
    assert walk == ["A-06", "A-05", "B-05", "B-06", "B-07"]


def test_walk_to_where_one_stands(floor):
    assert floor.shortest_walk("B-03", "B-03") == (0, ["B-03"])


def test_walks_of_equal_length_are_chosen_by_name(floor):
    assert floor.shortest_walk("A-05", "C-10")[1][-1] == "C-10"
    assert floor.shortest_walk("A-01", "C-05")[1] == [
        "A-01", "A-02", "A-03", "A-04", "A-05", "B-05", "C-05",
    ]  # fmt: skip


def test_unknown_bay_is_an_error(floor):
    with pytest.raises(StockError, match="Z-01"):
        floor.shortest_walk("A-01", "Z-01")


def test_bay_that_cannot_be_reached_is_an_error(floor):
    floor.connect("Y-01", "Y-02", 3)
    with pytest.raises(StockError, match="no walk"):
        floor.distance("A-01", "Y-01")


def test_new_walkway_shortens_the_walk(floor):
    assert floor.distance("A-03", "C-03") == 2 * 3 + 10 + 2 * 3
    floor.connect("A-03", "C-03", 4)
    assert floor.distance("A-03", "C-03") == 4


def test_route_goes_to_the_nearest_stop_first(floor):
    metres, order = floor.picking_route("A-01", ["C-01", "A-04", "A-02"])
    assert order == ["A-02", "A-04", "C-01"]
    assert metres == 3 + 6 + 19 + 10


def test_stops_as_near_as_each_other_go_by_name(floor):
    assert floor.picking_route("B-05", ["C-05", "A-05"])[1] == ["A-05", "C-05"]


def test_route_without_stops_goes_nowhere(floor):
    assert floor.picking_route("A-01", []) == (0, [])


def test_stop_named_twice_is_visited_once(floor):
    assert floor.picking_route("A-01", ["A-02", "A-02"]) == (6, ["A-02"])
