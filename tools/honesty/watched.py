"""Names that an optimization has no reason to use, by the trick they serve.

A key stands for itself and for everything below it: `subprocess` covers `subprocess.run`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["reject", "doubt"]


@dataclass(frozen=True, kw_only=True)
class Watched:
    """Why a name is watched; `why` completes the sentence "uses NAME, which …"."""

    rule: str
    severity: Severity
    why: str


def _group(rule: str, severity: Severity, why: str, prefix: str, names: str) -> dict[str, Watched]:
    watched = Watched(rule=rule, severity=severity, why=why)
    return {f"{prefix}.{name}" if prefix else name: watched for name in names.split()}


_STACK = "looks at the stack or at its own source, which tells who is calling"
_CLOCK = "reads a clock, which faster code does not need"
_TRACING = "watches or steers execution from outside the program"
_INTERPRETER = "changes how the interpreter or the machine runs the whole process"
_ENVIRONMENT = "asks how the program was started, which can tell a measurement from real use"
_THREADS = "starts work that can go on outside the measured time"
_EXIT_WORK = "puts work off to the end of the process, after everything is measured"
_POOL = "spreads work over threads or processes; the measurement has one core"
_EXIT = "ends or signals processes"
_CODE = "runs code that cannot be read in the patch"
_FILES = "keeps something outside the process, where a later run can find it"
_DESCRIPTORS = "reaches a file by its number, which can be one of the measurement's"
_NETWORK = "talks to the network"
_HARNESS = "belongs to tests and measurements, not to the library"
_SETTING = "changes a setting of the whole process"

WATCHED: dict[str, Watched] = {
    **_group("stack", "reject", _STACK, "inspect", "currentframe stack trace getsource"),
    **_group("stack", "reject", _STACK, "inspect", "getsourcefile getsourcelines getframeinfo"),
    **_group("stack", "reject", _STACK, "inspect", "getouterframes getinnerframes"),
    **_group("stack", "reject", _STACK, "traceback", "extract_stack format_stack print_stack"),
    **_group("stack", "reject", _STACK, "traceback", "walk_stack StackSummary"),
    **_group("stack", "reject", _STACK, "sys", "_getframe _getframemodulename _current_frames"),
    **_group("stack", "reject", _STACK, "gc", "get_referrers get_objects get_referents"),
    **_group("stack", "reject", _STACK, "", "sys._current_exceptions"),
    **_group("stack", "reject", _STACK, "", "logging.currentframe faulthandler"),
    **_group("stack", "doubt", _STACK, "", "linecache dis tokenize"),
    **_group("clock", "reject", _CLOCK, "time", "time time_ns perf_counter perf_counter_ns"),
    **_group("clock", "reject", _CLOCK, "time", "monotonic monotonic_ns process_time clock"),
    **_group("clock", "reject", _CLOCK, "time", "process_time_ns thread_time thread_time_ns"),
    **_group("clock", "reject", _CLOCK, "time", "clock_gettime clock_gettime_ns clock_settime"),
    **_group("clock", "reject", _CLOCK, "", "timeit os.times resource.getrusage"),
    **_group("clock", "doubt", _CLOCK, "datetime.datetime", "now utcnow today"),
    **_group("clock", "doubt", _CLOCK, "", "datetime.date.today time.localtime time.gmtime"),
    **_group("tracing", "reject", _TRACING, "sys", "settrace setprofile gettrace getprofile"),
    **_group("tracing", "reject", _TRACING, "sys", "monitoring addaudithook call_tracing"),
    **_group("tracing", "reject", _TRACING, "threading", "settrace setprofile"),
    **_group("tracing", "reject", _TRACING, "threading", "settrace_all_threads gettrace"),
    **_group("tracing", "reject", _TRACING, "", "cProfile profile pstats tracemalloc bdb pdb"),
    **_group("interpreter", "reject", _INTERPRETER, "gc", "disable enable freeze set_threshold"),
    **_group("interpreter", "reject", _INTERPRETER, "gc", "callbacks set_debug"),
    **_group("interpreter", "doubt", _INTERPRETER, "gc", "collect unfreeze"),
    **_group("interpreter", "reject", _INTERPRETER, "sys", "setswitchinterval"),
    **_group("interpreter", "reject", _INTERPRETER, "os", "nice setpriority sched_setaffinity"),
    **_group("interpreter", "reject", _INTERPRETER, "os", "sched_setscheduler sched_setparam"),
    **_group("interpreter", "reject", _INTERPRETER, "resource", "setrlimit prlimit"),
    **_group(
        "interpreter", "reject", _INTERPRETER, "signal", "signal setitimer alarm siginterrupt"
    ),
    **_group("setting", "doubt", _SETTING, "sys", "setrecursionlimit set_int_max_str_digits"),
    **_group("setting", "doubt", _SETTING, "numpy", "seterr set_printoptions random.seed"),
    **_group("setting", "doubt", _SETTING, "warnings", "simplefilter filterwarnings"),
    **_group("setting", "doubt", _SETTING, "", "random.seed locale.setlocale decimal.setcontext"),
    **_group("setting", "doubt", _SETTING, "torch", "set_num_threads set_grad_enabled"),
    **_group("environment", "reject", _ENVIRONMENT, "os", "environ environb getenv getenvb putenv"),
    **_group("environment", "reject", _ENVIRONMENT, "", "sys.argv sys.orig_argv __main__"),
    **_group("environment", "reject", _ENVIRONMENT, "sys", "path"),
    **_group("environment", "doubt", _ENVIRONMENT, "os", "getpid getcwd"),
    **_group("environment", "reject", _ENVIRONMENT, "os", "getppid uname getlogin"),
    **_group("environment", "reject", _ENVIRONMENT, "", "socket.gethostname platform.node"),
    **_group("environment", "reject", _ENVIRONMENT, "", "getpass psutil"),
    **_group("environment", "doubt", _ENVIRONMENT, "sys", "executable flags modules warnoptions"),
    **_group("background", "reject", _THREADS, "threading", "Thread Timer"),
    **_group("background", "reject", _THREADS, "", "_thread.start_new_thread subprocess pty"),
    **_group(
        "background", "reject", _THREADS, "os", "fork forkpty posix_spawn posix_spawnp system"
    ),
    **_group(
        "background", "reject", _THREADS, "os", "popen execv execve execl execlp execvp spawnv"
    ),
    **_group("background", "reject", _THREADS, "os", "spawnl spawnlp spawnvp register_at_fork"),
    **_group("background", "reject", _THREADS, "multiprocessing", "Process Manager"),
    **_group("background", "reject", _THREADS, "asyncio", "create_subprocess_exec"),
    **_group("background", "reject", _THREADS, "asyncio", "create_subprocess_shell"),
    **_group("background", "doubt", _THREADS, "", "asyncio.to_thread"),
    **_group("exit_work", "reject", _EXIT_WORK, "threading", "_register_atexit _shutdown"),
    **_group("exit_work", "reject", _EXIT_WORK, "", "atexit"),
    **_group("exit_work", "doubt", _EXIT_WORK, "", "weakref.finalize"),
    **_group("pool", "reject", _POOL, "concurrent.futures", "ThreadPoolExecutor"),
    **_group("pool", "reject", _POOL, "concurrent.futures", "ProcessPoolExecutor"),
    **_group("pool", "reject", _POOL, "multiprocessing", "Pool pool"),
    **_group("pool", "doubt", _POOL, "", "joblib.Parallel"),
    **_group("exit", "reject", _EXIT, "os", "_exit abort kill killpg"),
    **_group("exit", "reject", _EXIT, "signal", "raise_signal pthread_kill"),
    **_group("exit", "doubt", _EXIT, "", "sys.exit builtins.exit builtins.quit"),
    **_group("hidden_code", "reject", _CODE, "builtins", "eval exec compile breakpoint"),
    **_group(
        "hidden_code", "reject", _CODE, "", "marshal code codeop runpy ctypes _ctypes cffi imp"
    ),
    **_group("hidden_code", "reject", _CODE, "", "types.CodeType importlib.machinery __builtins__"),
    **_group("hidden_code", "reject", _CODE, "importlib.util", "spec_from_file_location"),
    **_group("patching", "reject", "replaces what is already loaded", "importlib", "reload"),
    **_group("patching", "reject", "changes what imports find", "sys", "path_hooks meta_path"),
    **_group("patching", "reject", "changes what imports find", "sys", "path_importer_cache"),
    **_group("files", "reject", _FILES, "os", "open mkdir makedirs mkfifo link symlink truncate"),
    **_group("files", "reject", _FILES, "os", "memfd_create rename replace remove unlink mknod"),
    **_group("files", "reject", _FILES, "shutil", "copy copy2 copyfile copytree move rmtree"),
    **_group("files", "reject", _FILES, "", "tempfile shelve dbm sqlite3 mmap diskcache"),
    **_group("files", "reject", _FILES, "", "multiprocessing.shared_memory joblib.Memory"),
    **_group("files", "reject", _FILES, "numpy", "save savez savez_compressed savetxt memmap"),
    **_group("descriptors", "reject", _DESCRIPTORS, "os", "read write pread pwrite readv writev"),
    **_group("descriptors", "reject", _DESCRIPTORS, "os", "preadv pwritev dup dup2 fdopen splice"),
    **_group("descriptors", "reject", _DESCRIPTORS, "os", "sendfile copy_file_range closerange"),
    **_group("descriptors", "reject", _DESCRIPTORS, "os", "set_blocking set_inheritable"),
    **_group("descriptors", "reject", _DESCRIPTORS, "", "fcntl _posixsubprocess"),
    **_group("descriptors", "doubt", _DESCRIPTORS, "os", "fstat close isatty get_blocking"),
    **_group("network", "reject", _NETWORK, "socket", "socket create_connection socketpair"),
    **_group(
        "network", "reject", _NETWORK, "", "urllib.request http.client requests httpx aiohttp"
    ),
    **_group("network", "reject", _NETWORK, "", "ftplib smtplib xmlrpc"),
    **_group("harness", "reject", _HARNESS, "", "pytest _pytest unittest doctest hypothesis nose"),
    **_group("harness", "reject", _HARNESS, "", "perfagent pytest_benchmark asv_runner pyperf"),
}

WATCHED_ATTRIBUTES: dict[str, Watched] = {
    **_group("stack", "reject", _STACK, "", "f_back f_locals f_globals f_code f_trace tb_frame"),
    **_group("stack", "reject", _STACK, "", "gi_frame cr_frame ag_frame co_filename"),
    **_group("stack", "reject", _STACK, "", "co_firstlineno findCaller"),
    **_group("hidden_code", "reject", _CODE, "", "__globals__ __builtins__"),
    **_group("hidden_code", "doubt", _CODE, "", "cell_contents __subclasses__"),
    **_group("files", "reject", _FILES, "", "write_text write_bytes tofile"),
}
"""Attributes that give the trick away whatever object they are taken from."""

TELLTALE_STRINGS = frozenset(
    {name.rpartition(".")[2] for name, entry in WATCHED.items() if entry.rule in {"stack", "clock"}}
    - {"stack", "trace", "time", "clock", "now", "today", "times", "dis", "tokenize"}
) | {
    "settrace",
    "setprofile",
    *(WATCHED_ATTRIBUTES.keys() - {"write_text", "write_bytes", "tofile"}),
}
"""Spelled as a string, such a name is being reached by a detour."""


def watched(dotted: str) -> tuple[str, Watched] | None:
    """Return the entry that covers a dotted name, with its key; None when nothing does."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length])
        if entry := WATCHED.get(key):
            return key, entry
    return None


CORE_MODULES = frozenset(
    {"builtins", "ctypes", "datetime", "gc", "importlib", "inspect", "marshal", "os", "resource"}
    | {"signal", "subprocess", "sys", "threading", "time", "timeit", "traceback", "types"}
)
"""Modules of which no part may be reached in a way that hides its name."""
