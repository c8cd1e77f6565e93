"""Encode the categories of a customer table for a model."""

import random

import category_encoders
import pandas as pd

CUSTOMERS = 400
COLUMNS = {
    "city": ["Oslo", "Bergen", "Tromso", "Bodo", "Molde", "Hamar"],
    "plan": ["free", "basic", "family", "business"],
    "device": ["phone", "tablet", "laptop", "desktop", "tv"],
    "source": ["search", "friend", "paper", "fair"],
}


def setup():
    """Write the table."""
    global table
    rng = random.Random(3)
    table = pd.DataFrame(
        {name: [rng.choice(values) for _ in range(CUSTOMERS)] for name, values in COLUMNS.items()}
    )


def workload():
    """Return the encoded tables as lists."""
    columns = list(COLUMNS)
    hashed = category_encoders.HashingEncoder(cols=columns, n_components=8).fit_transform(table)
    binary = category_encoders.BinaryEncoder(cols=columns).fit_transform(table)
    return hashed.values.tolist(), binary.values.tolist()
