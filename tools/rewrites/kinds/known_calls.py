"""Known calls: what the standard library's functions return, read, change and depend on."""

from __future__ import annotations

import builtins

from ..reading.words import words
from .kind import Kind
from .known_arrays import NUMPY_CHANGES_FIRST, is_pure_array_call

_STR, _INT, _FLOAT, _BOOL = Kind("str"), Kind("int"), Kind("float"), Kind("bool")

CALL_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("str", "repr", "ascii", "chr", "hex", "oct", "bin", "format", "input"), _STR),
    **dict.fromkeys(("len", "int", "ord", "hash", "id", "math.floor", "math.ceil"), _INT),
    **dict.fromkeys(("math.gcd", "math.comb", "math.factorial", "math.isqrt", "math.prod"), _INT),
    **dict.fromkeys(("float", "math.sqrt", "math.log", "math.log2", "math.log10"), _FLOAT),
    **dict.fromkeys(("math.exp", "math.sin", "math.cos", "math.tan", "math.hypot"), _FLOAT),
    **dict.fromkeys(("math.fabs", "math.pow", "math.dist", "math.atan2", "math.atan"), _FLOAT),
    **dict.fromkeys(("bool", "any", "all", "isinstance", "issubclass", "callable"), _BOOL),
    **dict.fromkeys(("math.isclose", "math.isnan", "math.isinf", "hasattr"), _BOOL),
    **dict.fromkeys(("os.path.join", "os.path.basename", "os.path.dirname"), _STR),
    **dict.fromkeys(("os.path.abspath", "os.path.normpath", "os.getcwd", "re.sub"), _STR),
    **dict.fromkeys(("list", "sorted", "random.sample"), Kind("list")),
    "re.findall": Kind("list"),
    "re.split": Kind("list", _STR),
    "os.listdir": Kind("list", _STR),
    "set": Kind("set"),
    "frozenset": Kind("frozenset"),
    "tuple": Kind("tuple"),
    "dict": Kind("dict"),
    "range": Kind("range", _INT),
    "bytes": Kind("bytes"),
    "map": Kind("iterator"),
    "re.compile": Kind("pattern"),
    **dict.fromkeys(("re.match", "re.search", "re.fullmatch"), Kind("match")),
    "re.finditer": Kind("iterator", Kind("match")),
    "collections.deque": Kind("deque"),
    "collections.Counter": Kind("Counter", None, _INT),
    "collections.OrderedDict": Kind("dict"),
    "collections.defaultdict": Kind("defaultdict"),
}
"""What well-known calls return; a container without an item takes its argument's."""

_LIST_OF_STR = Kind("list", _STR)
METHOD_KINDS: dict[tuple[str, str], Kind] = {
    **{
        ("str", method): _STR
        for method in words(
            "lower upper strip lstrip rstrip casefold title capitalize replace join format",
            "zfill ljust rjust center swapcase translate removeprefix removesuffix expandtabs",
        )
    },
    **{("str", method): _LIST_OF_STR for method in ("split", "rsplit", "splitlines")},
    **{("str", method): Kind("tuple", _STR) for method in ("partition", "rpartition")},
    **{("str", method): _INT for method in ("find", "rfind", "index", "rindex", "count")},
    **{
        ("str", method): _BOOL
        for method in words(
            "startswith endswith isdigit isalpha isalnum isspace isupper islower istitle",
            "isdecimal isnumeric isidentifier isprintable isascii",
        )
    },
    ("str", "encode"): Kind("bytes"),
    ("bytes", "decode"): _STR,
    ("bytes", "hex"): _STR,
    **{(name, "index"): _INT for name in ("list", "tuple", "deque")},
    **{(name, "count"): _INT for name in ("list", "tuple", "deque")},
    ("pattern", "sub"): _STR,
    **dict.fromkeys(
        (("pattern", each) for each in ("match", "search", "fullmatch")), Kind("match")
    ),
    ("pattern", "finditer"): Kind("iterator", Kind("match")),
    ("match", "group"): _STR,
    **dict.fromkeys((("match", each) for each in ("start", "end")), _INT),
    ("pattern", "findall"): Kind("list"),
    ("pattern", "split"): _LIST_OF_STR,
}
"""What methods of known kinds return."""

PURE_BUILTINS = words(
    "abs all any ascii bin bool bytes bytearray callable chr complex dict divmod",
    "enumerate filter float format frozenset getattr hasattr hex int isinstance",
    "issubclass iter len list map max min object oct ord pow range repr reversed",
    "round set slice sorted str sum super tuple type zip",
) | {
    name
    for name, each in vars(builtins).items()
    if isinstance(each, type) and issubclass(each, BaseException)
}
"""Builtins that change nothing and answer the same for the same arguments."""

CALLS_ITS_ARGUMENT: dict[str, int | None] = {
    **dict.fromkeys(("sorted", "min", "max", "itertools.groupby", "heapq.merge")),
    **dict.fromkeys(("heapq.nsmallest", "heapq.nlargest")),
    **dict.fromkeys(("map", "filter", "functools.reduce"), 0),
    **dict.fromkeys(("re.sub", "re.subn"), 1),
}
"""Functions that call the `key` they are given, and the argument at this position, if any."""

_PURE_MODULES = (
    "math.",
    "cmath.",
    "operator.",
    "itertools.",
    "string.",
    "unicodedata.",
    "statistics.",
    "textwrap.",
    "keyword.",
    "colorsys.",
    "html.",
    "base64.",
    "binascii.",
    "fractions.",
    "posixpath.",
    "typing.",
)
_PURE_FUNCTIONS = words(
    "re.compile re.match re.search re.fullmatch re.sub re.subn re.split re.findall",
    "re.finditer re.escape functools.reduce functools.partial functools.cmp_to_key",
    "collections.Counter collections.deque collections.OrderedDict",
    "collections.defaultdict collections.ChainMap bisect.bisect bisect.bisect_left",
    "bisect.bisect_right copy.copy copy.deepcopy heapq.nsmallest heapq.nlargest",
    "heapq.merge json.loads json.dumps struct.pack struct.unpack struct.unpack_from",
    "struct.calcsize struct.Struct zlib.crc32 zlib.adler32 hashlib.md5 hashlib.sha1",
    "hashlib.sha256 hashlib.sha512 os.path.join os.path.basename os.path.dirname",
    "os.path.splitext os.path.normpath os.path.split os.path.isabs os.fspath",
    "pathlib.PurePath pathlib.PurePosixPath urllib.parse.quote urllib.parse.unquote",
    "urllib.parse.urlparse urllib.parse.urlsplit urllib.parse.urlencode",
    "decimal.Decimal datetime.date datetime.datetime datetime.timedelta datetime.time",
    "datetime.datetime.strptime datetime.date.fromisoformat",
    "datetime.datetime.fromisoformat uuid.UUID dict.fromkeys str.maketrans str.join",
    "bytes.fromhex int.from_bytes itertools.chain.from_iterable",
    "difflib.SequenceMatcher",
)

CHANGES_FIRST_ARGUMENT = (
    words(
        "heapq.heappush heapq.heappop heapq.heapify heapq.heappushpop heapq.heapreplace",
        "bisect.insort bisect.insort_left bisect.insort_right random.shuffle next setattr",
        "delattr",
    )
    | NUMPY_CHANGES_FIRST
)
"""Functions whose only effect is on what they get first."""

TELLS_ONLY = frozenset(("print", "warnings.warn"))
"""Functions that output something and change no object of the program."""
TELLING_METHODS = frozenset(("debug", "info", "warning", "error", "exception", "critical", "log"))

READING_METHODS = frozenset(
    name
    for owner in (str, bytes, tuple, int, float, frozenset, range)
    for name in dir(owner)
    if not name.startswith("_")
) | words(
    "get items keys values copy match search sub subn findall finditer fullmatch",
    "group groups groupdict start end span expand most_common elements total date",
    "time isoformat strftime weekday isoweekday timestamp as_posix hexdigest digest",
)
"""Methods of the standard types that change nothing."""

CHANGING_METHODS = words(
    "append extend insert pop remove clear sort reverse add discard update setdefault",
    "popitem appendleft popleft extendleft rotate intersection_update",
    "difference_update symmetric_difference_update subtract move_to_end write",
    "writelines",
)
"""Methods of the standard types that change their receiver and nothing else."""

STRING_METHODS = words(
    "lower upper strip lstrip rstrip split rsplit splitlines startswith endswith",
    "casefold title capitalize isdigit isalpha isalnum isspace isupper islower zfill",
    "ljust rjust partition rpartition swapcase encode removeprefix removesuffix",
    "isidentifier",
)
"""Methods that practically only strings have."""


def is_pure(name: str) -> bool:
    """Return whether a function outside the module changes nothing and depends on nothing else."""
    return (
        name in PURE_BUILTINS
        or name in _PURE_FUNCTIONS
        or (name.startswith(_PURE_MODULES) and not name.startswith("typing.overload"))
        or is_pure_array_call(name)
    )
