"""Sees which of the watched functions are under way when files, sockets or processes are used.

CPython 3.8 and later, standard library alone.
"""

import sys

MOST_EVENTS = 2000
_MOST_FRAMES = 1000

_EVENTS = frozenset(
    "open os.chdir os.chmod os.chown os.exec os.fork os.forkpty os.link os.listdir os.mkdir "
    "os.posix_spawn os.putenv os.remove os.rename os.rmdir os.scandir os.spawn os.symlink "
    "os.system os.truncate os.unsetenv os.utime builtins.input ftplib.connect glob.glob "
    "http.client.connect imaplib.open poplib.connect shutil.copyfile shutil.copytree shutil.move "
    "shutil.rmtree smtplib.connect socket.__new__ socket.bind socket.connect socket.getaddrinfo "
    "socket.gethostbyname socket.sendmsg socket.sendto sqlite3.connect subprocess.Popen "
    "telnetlib.Telnet.open tempfile.mkdtemp tempfile.mkstemp urllib.Request".split()
)


def watch(recorder):
    """Mark functions from now on; there is no end to it, as audit hooks cannot be removed.

    Args:
        recorder: Knows the functions (perfagent_facts.py).
    """
    seen = [0]

    def hook(event, arguments):
        if event in _EVENTS and recorder.is_on and not recorder.is_looking:
            seen[0] += 1
            if seen[0] <= MOST_EVENTS:
                for spot in _under_way(recorder, sys._getframe(1)):
                    spot.does_io = True

    sys.addaudithook(hook)


def _under_way(recorder, frame):
    found = []
    for _ in range(_MOST_FRAMES):
        if frame is None:
            break
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return []  # an import is nobody's input
        spot = recorder.spot_of(frame.f_code)
        if spot is not None:
            found.append(spot)
        frame = frame.f_back
    return found
