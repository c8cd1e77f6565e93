"""Keep the tree of a disk's folders: list it, weigh it, and find every path to a leaf."""

import random

from treelib import Tree

FOLDERS = 2500


def setup():
    """Lay out the folders: each goes under an earlier one."""
    global parents
    rng = random.Random(3)
    parents = [
        (number, rng.randint(max(0, number - 60), number - 1)) for number in range(1, FOLDERS)
    ]


def workload():
    """Return the tree as text, its leaves' paths, and the depths."""
    tree = Tree(identifier="disk")
    tree.create_node("folder 0", 0)
    for number, parent in parents:
        tree.create_node(f"folder {number:04d}", number, parent=parent)
    branch = tree.subtree(5, identifier="branch")
    return (
        tree.to_json(),
        tree.paths_to_leaves(),
        [tree.depth(node) for node in branch.all_nodes() if node.identifier in tree],
        branch.size(),
        len(tree.leaves()),
    )
