"""Read a sequencer's reads, and turn them around."""

import random
import tempfile
from pathlib import Path

import screed


def setup():
    """Write the reads."""
    global path
    rng = random.Random(1)
    path = Path(tempfile.mkdtemp()) / "reads.fa"
    reads = ("".join(rng.choices("ACGT", k=180)) for _ in range(2000))
    path.write_text("".join(f">read{n} lane {n % 8}\n{read}\n" for n, read in enumerate(reads)))


def workload():
    """Return how many reads there are and the last ones, turned around."""
    with screed.open(str(path)) as reads:
        turned = [(read.name, screed.rc(read.sequence)) for read in reads]
    return len(turned), turned[-20:]
