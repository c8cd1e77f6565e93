"""Fixtures of `shallower-copy`."""

WINS = '''"""Moves on a board."""

import copy


def moved(board: list[list[str]], row: int, column: int) -> list[list[str]]:
    """Return the board after a stone (»Stein«) was put on a field; the old one stays."""
    after = copy.deepcopy( board )   # both are shown
    after[row][column] = "●"
    return after


def workload():
    board = [["·"] * 19 for _ in range(19)]
    for turn in range(200):
        board = moved(board, turn % 19, turn * 7 % 19)
    return sum(row.count("●") for row in board)
'''

TRAP = '''"""Seats in a hall."""

import copy


def booked(seats: list[list[int]], row: int, seat: int) -> list[list[int]]:
    """Return the seats with one more booked; the plan itself stays as it is."""
    after = copy.deepcopy(seats)
    after[row][seat] = 1
    return after


def workload():
    balcony = [0, 0, 0]
    plan = [[0, 0], balcony, balcony]  # one row of seats, drawn on both sides
    return booked(plan, 1, 2), plan
'''

TRAP_WHY = "the same inner list standing twice, which deepcopy keeps one and the same"
TRAP_STAGE = "same answer"

NEVER = '''"""Copies of what may hold anything."""

import copy


def snapshot(state):
    return copy.deepcopy(state)


def rows(table: list[list]) -> list[list]:
    return copy.deepcopy(table)


def workload():
    return snapshot({"a": [{"b": 1}]}), rows([[1], [2]])
'''
