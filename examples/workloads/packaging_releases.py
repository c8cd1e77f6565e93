"""Choose the releases of an index that satisfy a project's requirements."""

from packaging.requirements import Requirement
from packaging.version import Version

REQUIREMENTS = [
    "alpha>=1.2,<3",
    "beta~=2.4",
    "gamma!=1.5.*,>=1.1",
    "delta==2.*",
    "epsilon>2.0.post1,<=4.1",
    "zeta[extra]>=0.9; python_version >= '3.8'",
]


def setup():
    """Read the index: the same releases of each project."""
    global releases
    releases = [
        f"{major}.{minor}.{patch}{suffix}"
        for major in range(5)
        for minor in range(0, 9, 2)
        for patch in range(0, 4)
        for suffix in ("", "rc1", ".post1")
    ]


def workload():
    """Return for each requirement the newest release and how many would do."""
    chosen = []
    for line in REQUIREMENTS:
        requirement = Requirement(line)
        versions = sorted(Version(each) for each in releases)
        fitting = list(requirement.specifier.filter(versions))
        chosen.append((requirement.name, str(max(fitting)), len(fitting)))
    return chosen
