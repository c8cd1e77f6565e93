"""Simulate a week of a clinic: reception, two doctors' queues, and the pharmacy."""

import ciw


def setup():
    """Describe the clinic."""
    global network
    network = ciw.create_network(
        arrival_distributions=[
            ciw.dists.Exponential(1.2),
            ciw.dists.NoArrivals(),
            ciw.dists.NoArrivals(),
        ],
        service_distributions=[
            ciw.dists.Exponential(0.9),
            ciw.dists.Uniform(0.5, 2.5),
            ciw.dists.Gamma(0.6, 1.2),
        ],
        routing=[[0.0, 0.7, 0.2], [0.1, 0.0, 0.6], [0.0, 0.0, 0.0]],
        number_of_servers=[3, 4, 2],
    )


def workload():
    """Return what every visit's record says."""
    ciw.seed(12)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(1500)
    return [
        (
            record.id_number,
            record.node,
            round(record.waiting_time, 9),
            round(record.service_time, 9),
        )
        for record in simulation.get_all_records()
    ]
