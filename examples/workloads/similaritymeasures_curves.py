"""Compare the load curves of a test rig with a simulation's."""

import numpy as np
import similaritymeasures

POINTS = 130


def setup():
    """Measure the curves."""
    global measured, simulated
    rng = np.random.default_rng(5)
    strain = np.linspace(0.0, 1.0, POINTS)
    measured = np.column_stack((strain, 20 * np.tanh(4 * strain) + rng.normal(0, 0.2, POINTS)))
    finer = np.linspace(0.0, 1.0, POINTS + 23)
    simulated = np.column_stack((finer, 20.5 * np.tanh(3.9 * finer)))


def workload():
    """Return the measures of how far the curves are apart."""
    warped, _ = similaritymeasures.dtw(measured, simulated)
    return (
        similaritymeasures.area_between_two_curves(measured, simulated),
        similaritymeasures.frechet_dist(measured, simulated),
        similaritymeasures.pcm(measured, simulated),
        similaritymeasures.curve_length_measure(measured, simulated),
        warped,
    )
