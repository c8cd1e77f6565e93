"""Plan a broadcast: a tree in which every host passes a message on to three others."""

import networkx as nx

HOSTS = 60_000
FAN_OUT = 3


def workload():
    """Return how many hosts each hop reaches, and what the busiest link carries."""
    tree = nx.full_rary_tree(FAN_OUT, HOSTS)
    hops = nx.single_source_shortest_path_length(tree, 0)
    reached = {}
    for hop in hops.values():
        reached[hop] = reached.get(hop, 0) + 1
    return reached, max(degree for _, degree in tree.degree())
