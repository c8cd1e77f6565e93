"""Change settings in a TOML file, keeping its layout."""

import tomlkit

SECTION = """
# Service {n}
[service.s{n}]
name = "service {n}"   # shown to people
port = {port}
ratio = {n}.5
enabled = true
started = 2024-03-{day:02d}T08:30:00Z
tags = ["web", "api", "n{n}"]
limits = {{ cpu = {n}, memory = "2G" }}

[[service.s{n}.route]]
path = "/v1/things/{n}"
methods = ["GET", "POST"]

[[service.s{n}.route]]
path = "/v2/things/{n}"
methods = ["GET"]
"""


def setup():
    """Write the file."""
    global text
    text = "title = 'settings'\n" + "".join(
        SECTION.format(n=n, port=8000 + n, day=n % 28 + 1) for n in range(30)
    )


def workload():
    """Return the file's new text."""
    document = tomlkit.parse(text)
    for name, service in document["service"].items():
        service["port"] += 1000
        service["tags"].append("changed")
        service["owner"] = f"team of {name}"
    return tomlkit.dumps(document)
