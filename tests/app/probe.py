"""A workload that tries to get out: what it reaches is an error that names it.

The module's text is a repository's script: what it looks for stands in `AIMS`, filled in by the
test. Run as it is, in a throw-away network namespace, it shows that each attempt can succeed.
"""

AIMS = {}


def attempts():
    """Return by name what was reached."""
    import ctypes
    import os
    import socket

    reached = {}
    planted = AIMS["planted"].encode()

    def environment():
        return planted in "\n".join(f"{k}={v}" for k, v in os.environ.items()).encode()

    def processes():
        for pid in filter(str.isdecimal, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if planted in file.read():
                        return True
            except OSError:
                continue
        return False

    def descriptors():
        for number in range(3, 256):
            try:
                if planted in os.pread(number, 10_000, 0):
                    return True
            except OSError:
                continue
        return False

    def key():
        with open(AIMS["key"]) as file:
            return bool(file.read())

    def write():
        with open(AIMS["canary"], "w") as file:
            file.write("here")
        return True

    def connect(family, address):
        with socket.socket(family, socket.SOCK_STREAM) as tried:
            tried.settimeout(2)
            tried.connect(address)
            tried.sendall(b"hello")
        return True

    def mount():
        libc = ctypes.CDLL(None, use_errno=True)
        return libc.mount(b"none", AIMS["folder"].encode(), b"tmpfs", 0, None) == 0

    tries = {
        "the environment": environment,
        "environments of others": processes,
        "an open descriptor": descriptors,
        "the key": key,
        "a file outside": write,
        "a port of this machine": lambda: connect(socket.AF_INET, ("127.0.0.1", AIMS["port"])),
        "a socket in a folder": lambda: connect(socket.AF_UNIX, AIMS["socket"]),
        "a socket without a name": lambda: connect(socket.AF_UNIX, "\0" + AIMS["abstract"]),
        "a mount": mount,
    }
    for name, attempt in tries.items():
        try:
            reached[name] = bool(attempt())
        except (OSError, AttributeError):
            reached[name] = False
    return sorted(name for name, was in reached.items() if was)


def workload():
    """Say what was reached, in the one way that is open: an error."""
    reached = attempts()
    if reached:
        raise RuntimeError("REACHED " + ", ".join(reached))
    return len(reached)
