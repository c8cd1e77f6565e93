"""Measure the paths of a drawing and place marks along them, as a plotter does."""

from svg.path import parse_path

PATH = (
    "M {x},100 C {x},60 160,60 160,100 S 220,140 220,100 Q 250,20 300,{x} T 380,100 "
    "A 40 30 20 0 1 420,160 L 460,200 H 500 V 260 Z"
)
MARKS = 25


def workload():
    """Return each path's length and the marks' places."""
    drawn = []
    for x in range(100, 124, 2):
        path = parse_path(PATH.format(x=x))
        length = path.length(error=1e-6)
        marks = [path.point(mark / MARKS, error=1e-6) for mark in range(MARKS + 1)]
        drawn.append((round(length, 6), [(round(p.real, 6), round(p.imag, 6)) for p in marks]))
    return drawn
