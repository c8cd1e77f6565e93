"""Choose the releases that satisfy npm ranges."""

from semantic_version import NpmSpec, SimpleSpec, Version

RANGES = ["^1.2.3", "~2.4", ">=1.1.0 <3.0.0 || 4.x", "1.x || >=2.5.0 <2.9.0", "*", "2.3.4 - 3.2"]


def setup():
    """List the releases."""
    global releases
    releases = [
        f"{major}.{minor}.{patch}{suffix}"
        for major in range(5)
        for minor in range(10)
        for patch in range(5)
        for suffix in ("", "-rc.1", "-beta.2")
    ]


def workload():
    """Return for each range the newest release and how many would do."""
    versions = [Version(each) for each in releases]
    chosen = []
    for line in RANGES:
        spec = NpmSpec(line)
        chosen.append((str(spec.select(versions)), sum(spec.match(each) for each in versions)))
    simple = SimpleSpec(">=1.2.0,<3.4.0,!=2.2.2")
    ordered = sorted(simple.filter(versions))
    return chosen, [str(each) for each in ordered]
