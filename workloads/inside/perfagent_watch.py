"""Sees what code of the tree does that only a look behind the scenes needs.

In the launch that records the answer, which is never timed, an audit hook counts by kind what the
tree's own code raises: looks at frames and at the collector's objects, ctypes, hooks, signals,
files that it writes or that are not its business, work put off to the end of the process.
Afterwards the module code that ran is held against its source. Honest code raises such events too
(a namedtuple looks at a frame), so only those count whose caller is a file of the tree, and
perfagent compares with what the base raises. CPython 3.8 and later, standard library alone.
"""

import atexit
import os
import sys
import time
from _thread import _count as _threads_running

_clock = time.perf_counter

_MOST_FILES = 50
_LONGEST_CHECK_S = 1.0
_STANDARD_LIBRARY = os.path.dirname(os.path.abspath(os.__file__)) + os.sep
_SITE = os.sep + "site-packages" + os.sep

# Counted when a file of the tree calls it, directly or through `inspect` and `traceback`.
_DIRECT = frozenset(
    "sys._getframe sys._getframemodulename sys._current_frames sys._current_exceptions "
    "gc.get_objects gc.get_referrers gc.get_referents sys.settrace sys.setprofile "
    "sys.addaudithook sys.monitoring.register_callback code.__new__ function.__new__ "
    "exec compile marshal.loads os.utime".split()
)
# Counted when it is done for a file of the tree, through whichever modules of the library.
_THROUGH_LIBRARY = frozenset(
    "os.kill os.killpg signal.pthread_kill os.fork os.forkpty os.exec os.posix_spawn os.system "
    "subprocess.Popen os.rename os.remove os.chmod os.truncate os.mkdir os.link os.symlink "
    "shutil.copyfile sqlite3.connect mmap.__new__ socket.connect socket.bind "
    "socket.sendto".split()
)
_FRAME_ATTRIBUTES = frozenset("tb_frame gi_frame cr_frame ag_frame".split())
_REPLACED_ATTRIBUTES = frozenset("__code__ __defaults__ __kwdefaults__ __builtins__".split())
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_BYTECODE = os.sep + "__pycache__" + os.sep
_CODE_SUFFIXES = (".py", ".pyc", ".so", ".pyd")


class Watch:
    """Counts events from `start` on.

    Args:
        tree: The folder whose code is watched.
        own_folder: The folder of perfagent's own files.
    """

    def __init__(self, tree, own_folder):
        self._tree = tree
        self._roots = tuple({os.path.join(tree, ""), os.path.join(os.path.realpath(tree), "")})
        self._own = os.path.join(os.path.abspath(own_folder), "")
        self._counts = {}
        self._loaded = []
        self._threads = 0
        self._getframe = sys._getframe
        self._looking = False

    def start(self):
        """Begin to count; there is no end to it, as hooks cannot be removed."""
        self._threads = _threads_running()
        self._watch_exit()
        sys.addaudithook(self._hook)

    def _watch_exit(self):
        """Count what the tree's own code puts off to the end of the process."""
        register = atexit.register

        def counted(*arguments, **named):
            looking, self._looking = self._looking, True
            if self._is_called_by_tree():
                self._count("atexit.register")
            self._looking = looking
            return register(*arguments, **named)

        atexit.register = counted

    def events(self):
        """Return how often each kind of event was raised so far, by its name."""
        found = dict(self._counts)
        left = _threads_running() - self._threads
        if left > 0:
            found["threads left running"] = left
        if _has_children():
            found["processes left running"] = 1
        return found

    def other_code(self):
        """Return the files of the tree whose module ran from code that is not its source's.

        Only what the interpreter's own loader brought counts: a loader of somebody else's (an
        assertion rewriter, a type checker) changes code on purpose. Files are compiled anew, the
        last changed ones first, for at most a second.
        """
        self._looking = True  # compiling is no event of the tree's
        found = set()
        loaders = _loaders()
        stop = _clock() + _LONGEST_CHECK_S
        for code in sorted(self._loaded, key=_changed_at, reverse=True):
            if loaders.get(code.co_filename, True) and not _is_of_its_source(code):
                found.add(code.co_filename)
            if _clock() > stop:
                break
        self._looking = False
        return sorted(found)[:_MOST_FILES]

    def _hook(self, event, arguments):
        if self._looking:
            return
        self._looking = True  # the look at the caller raises an event itself
        try:
            self._note(event, arguments)
        finally:
            self._looking = False

    def _note(self, event, arguments):
        if event in _DIRECT:
            if event == "exec" and self._is_module_load(arguments[0]):
                self._loaded.append(arguments[0])
            elif self._is_called_by_tree():
                self._count(event)
        elif event in _THROUGH_LIBRARY or event.startswith("ctypes."):
            if self._is_called_by_tree(through_library=True):
                self._count(event)
        elif event == "open":
            self._note_opened(*arguments)
        elif event in ("os.listdir", "os.scandir"):
            if _is_proc(arguments[0]) and self._is_called_by_tree(through_library=True):
                self._count("listing of /proc")
        elif event == "object.__getattr__":
            if arguments[1] in _FRAME_ATTRIBUTES and self._is_called_by_tree():
                self._count(arguments[1])
        elif event == "object.__setattr__" and arguments[1] in _REPLACED_ATTRIBUTES:
            if self._is_called_by_tree():
                self._count(arguments[1] + " set")

    def _note_opened(self, path, mode, flags):
        kind = self._kind_of_file(path, mode, flags)
        if kind is not None and self._is_called_by_tree(through_library=True):
            self._count(kind)

    def _kind_of_file(self, path, mode, flags):
        if type(path) is int:
            return "open of a file descriptor"
        if type(path) is bytes:
            path = os.fsdecode(path)
        if type(path) is not str:
            return None
        if _is_proc(path):
            return "open in /proc"
        place = os.path.abspath(path)
        if place.startswith(self._own) or place == self._own[:-1]:
            return "open of perfagent's files"
        written = type(mode) is str and set(mode) & set("wax+")
        if not written and not (type(flags) is int and flags & _WRITING):
            return None
        if place.endswith(_CODE_SUFFIXES):
            return "open of code for writing"
        if _BYTECODE in place or place == os.devnull:
            return None  # the import of a module may keep its bytecode
        return "open for writing"

    def _count(self, kind):
        self._counts[kind] = self._counts.get(kind, 0) + 1

    def _is_called_by_tree(self, through_library=False):
        frame = self._caller()
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith(self._roots):
                return True
            if not (_passes_on(name) or (through_library and _is_library(name))):
                return False
            frame = frame.f_back
        return False

    def _caller(self):
        frame = self._getframe(1)
        while frame is not None and frame.f_code.co_filename == __file__:
            frame = frame.f_back
        return frame

    def _is_module_load(self, code):
        caller = self._caller()
        return (
            caller is not None
            and caller.f_code.co_filename.startswith("<frozen importlib")
            and hasattr(code, "co_filename")
            and code.co_filename.startswith(self._roots)
        )


def _passes_on(name):
    """Tell whether the next caller is to be asked: code made on the spot, or a library for this."""
    if name.startswith("<"):
        return not name.startswith("<frozen")
    return name in (_STANDARD_LIBRARY + "inspect.py", _STANDARD_LIBRARY + "traceback.py")


def _is_library(name):
    return name.startswith("<frozen") or (name.startswith(_STANDARD_LIBRARY) and _SITE not in name)


def _is_proc(path):
    return type(path) is str and path.startswith(("/proc/", "/dev/fd"))


def _has_children():
    """Tell whether a process that the workload started is alive, or was never waited for."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except (OSError, AttributeError):
        return False
    return True


def _loaders():
    """Return, for the file of each loaded module, whether the interpreter's own loader did it."""
    own = ("_frozen_importlib_external", "importlib._bootstrap_external")
    found = {}
    for module in list(sys.modules.values()):
        spec = getattr(module, "__dict__", {}).get("__spec__")
        loader = type(getattr(spec, "loader", None))
        found[str(getattr(spec, "origin", None))] = loader.__module__ in own
    return found


def _changed_at(code):
    try:
        return os.stat(code.co_filename).st_mtime_ns
    except OSError:
        return 0


def _is_of_its_source(code):
    """Tell whether code is what its file compiles to; True for what has no readable source."""
    try:
        with open(code.co_filename, "rb") as stream:
            source = stream.read()
        return compile(source, code.co_filename, "exec", dont_inherit=True) == code
    except (OSError, SyntaxError, ValueError):
        return not code.co_filename.endswith(".py")
