"""Grow model networks of a hundred routers, and tell how they are connected."""

import networkx as nx

ROUTERS = 85


def workload():
    """Return the networks' degrees, busiest routers first."""
    found = []
    for seed in range(2):
        network = nx.extended_barabasi_albert_graph(ROUTERS, 4, 0.45, 0.25, seed=seed)
        degrees = sorted((degree for _, degree in network.degree()), reverse=True)
        found.append((degrees, network.number_of_edges()))
    return found
