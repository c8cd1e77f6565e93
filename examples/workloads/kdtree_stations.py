"""Find the charging stations near the cars of a fleet."""

import random

import kdtree


def setup():
    """Place the stations and the cars."""
    global stations, cars
    rng = random.Random(6)
    stations = [(rng.uniform(0, 100), rng.uniform(0, 100)) for _ in range(3000)]
    cars = [(rng.uniform(0, 100), rng.uniform(0, 100)) for _ in range(800)]


def workload():
    """Return the stations nearest to each car, with their distances."""
    tree = kdtree.create(stations)
    return [[(node.data, apart) for node, apart in tree.search_knn(car, 4)] for car in cars]
