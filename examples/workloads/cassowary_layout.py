"""Lay out a form of sixty rows by constraints, and make its window wider twice."""

from cassowary import MEDIUM, STRONG, SimplexSolver, Variable

ROWS = 60


def workload():
    """Return where each box stands after each change of the width."""
    solver = SimplexSolver()
    width = Variable("width", 400)
    solver.add_stay(width, STRONG)
    boxes = []
    below = None
    for number in range(ROWS):
        left, right, top, height = (
            Variable(f"{name}{number}", 0) for name in ("left", "right", "top", "height")
        )
        solver.add_constraint(left >= 8)
        solver.add_constraint(right <= width - 8)
        solver.add_constraint(right - left >= 60 + number)
        solver.add_constraint(right == width - 8 - number, strength=MEDIUM)
        solver.add_constraint(height >= 18)
        solver.add_constraint(height == 22, strength=MEDIUM)
        if below is None:
            solver.add_constraint(top == 8)
        else:
            solver.add_constraint(top >= below[2] + below[3] + 4)
            solver.add_constraint(top == below[2] + below[3] + 6, strength=MEDIUM)
        below = (left, right, top, height)
        boxes.append(below)
    seen = []
    for wanted in (500, 640):
        solver.add_edit_var(width)
        with solver.edit():
            solver.suggest_value(width, wanted)
        seen.append([[round(each.value, 6) for each in box] for box in boxes])
    return seen
