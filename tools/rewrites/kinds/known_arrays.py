"""Known arrays: what numpy's and pandas' functions and methods return, read and change."""

from __future__ import annotations

import ast

from ..reading.words import words
from .kind import ARRAYS, Kind

NUMPY, PANDAS = "numpy.", "pandas."

_FLAT = Kind("ndarray", Kind("number"))
_ARRAY, _FRAME, _SERIES = Kind("ndarray"), Kind("dataframe"), Kind("series")

_OF_ONE = words(
    "abs absolute fabs sqrt square cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin",
    "arccos arctan sinh cosh tanh arcsinh arccosh arctanh floor ceil rint trunc sign degrees",
    "radians deg2rad rad2deg isnan isinf isfinite logical_not negative positive reciprocal",
)
_OF_TWO = words(
    "add subtract multiply divide true_divide floor_divide mod remainder power minimum maximum",
    "fmin fmax hypot arctan2 copysign logical_and logical_or logical_xor greater greater_equal",
    "less less_equal equal not_equal",
)
ELEMENTWISE = _OF_ONE | _OF_TWO | words("clip round around real imag conj angle where nan_to_num")
"""numpy's functions that answer element by element: a number for numbers, an array for arrays."""

REDUCING = words(
    "sum prod mean std var min max amin amax median any all argmin argmax ptp count_nonzero",
    "nansum nanprod nanmean nanstd nanvar nanmin nanmax nanmedian nanargmin nanargmax average",
    "percentile quantile",
)
"""numpy's functions and arrays' methods that answer one number unless they are told an axis."""

_MAKES_FLAT = words("arange linspace logspace geomspace flatnonzero ravel bincount fromiter")
_MAKES_SHAPE = words("zeros ones empty full")
_MAKES_ARRAY = words(
    "array asarray asanyarray ascontiguousarray asfortranarray copy zeros_like ones_like",
    "empty_like full_like eye identity diag tri tril triu vander concatenate vstack hstack stack",
    "column_stack dstack append insert delete reshape transpose swapaxes moveaxis expand_dims",
    "squeeze sort argsort partition argpartition cumsum cumprod diff ediff1d gradient tile repeat",
    "roll flip fliplr flipud rot90 argwhere isin in1d outer inner dot matmul vdot tensordot einsum",
    "kron cross take take_along_axis compress choose digitize searchsorted interp convolve",
    "correlate cov corrcoef atleast_1d atleast_2d polyfit polyval broadcast_to pad trapz trapezoid",
    "setdiff1d union1d intersect1d unique isclose linalg.norm linalg.inv linalg.det linalg.solve",
    "linalg.pinv fft.fft fft.ifft fft.rfft fft.irfft fft.fftfreq loadtxt genfromtxt load",
    "frombuffer random.rand random.randn random.randint random.random random.normal random.uniform",
    "random.permutation random.choice",
)
_VIEWS = words(
    "asarray asanyarray ascontiguousarray asfortranarray reshape transpose swapaxes moveaxis",
    "expand_dims squeeze diag ravel flip fliplr flipud rot90 atleast_1d atleast_2d broadcast_to",
    "real imag split array_split frombuffer meshgrid",
)
_NOT_PURE = ("random.", "load", "genfromtxt")
_OTHER_PURE = words(
    "shape ndim size nonzero histogram meshgrid indices unravel_index ravel_multi_index",
    "array_equal allclose result_type promote_types can_cast issubdtype iinfo finfo dtype float64",
    "float32 int64 int32 int_ intp bool_ uint8 isscalar array_split split linalg.eigh linalg.svd",
    "may_share_memory shares_memory",
)
_MAKES_FRAME = words(
    "DataFrame read_csv read_parquet read_excel read_table read_feather read_json read_sql merge",
    "merge_asof pivot_table crosstab get_dummies",
)
_MAKES_SERIES = words("Series cut")
_PURE_PANDAS = words(
    "DataFrame Series Index merge merge_asof concat pivot_table crosstab get_dummies isna isnull",
    "notna notnull to_datetime to_timedelta to_numeric Timestamp Timedelta date_range cut qcut",
)

NUMPY_CHANGES_FIRST = words(
    "numpy.copyto numpy.put numpy.place numpy.putmask numpy.fill_diagonal numpy.put_along_axis",
    "numpy.random.shuffle numpy.add.at numpy.subtract.at numpy.maximum.at numpy.minimum.at",
)
"""Functions that change the array they get first and nothing else."""

_KEEPS_FRAME = words(
    "copy head tail drop dropna fillna ffill bfill reset_index set_index sort_values sort_index",
    "rename merge join astype query assign sample round clip abs replace drop_duplicates reindex",
    "where mask isna isnull notna notnull transpose nlargest nsmallest select_dtypes shift diff",
    "cumsum add_prefix add_suffix",
)
_KEEPS_SERIES = words(
    "copy head tail dropna fillna ffill bfill sort_values sort_index rename astype sample round",
    "clip abs replace drop_duplicates reindex where mask isna isnull notna notnull nlargest",
    "nsmallest shift diff cumsum cumprod rank isin between map value_counts",
)
_KEEPS_ARRAY = words(
    "copy astype reshape transpose swapaxes squeeze clip round cumsum cumprod argsort repeat take",
    "compress conj view byteswap searchsorted diagonal dot",
)
_FRAME_REDUCES = words("sum mean std var min max median any all count nunique idxmax idxmin")
_SERIES_REDUCES = _FRAME_REDUCES | words("argmax argmin")

_METHODS: dict[tuple[str, str], Kind] = {
    **{("dataframe", each): _FRAME for each in _KEEPS_FRAME},
    **{("dataframe", each): _SERIES for each in _FRAME_REDUCES | {"duplicated"}},
    **{("series", each): _SERIES for each in _KEEPS_SERIES | {"duplicated"}},
    **{("series", each): Kind("number") for each in _SERIES_REDUCES - {"idxmax", "idxmin"}},
    **{("ndarray", each): _ARRAY for each in _KEEPS_ARRAY},
    **{("ndarray", each): _FLAT for each in ("ravel", "flatten")},
    **{(name, "to_numpy"): _ARRAY for name in ("dataframe", "series")},
    **{(name, "groupby"): Kind("groupby") for name in ("dataframe", "series")},
    **{("series", each): Kind("list") for each in ("tolist", "to_list")},
    ("dataframe", "iterrows"): Kind("iterator", Kind("tuple", items=(None, _SERIES))),
    ("dataframe", "itertuples"): Kind("iterator"),
    ("dataframe", "items"): Kind("iterator", Kind("tuple", items=(None, _SERIES))),
    ("series", "unique"): _ARRAY,
    ("series", "to_frame"): _FRAME,
    ("ndarray", "tolist"): Kind("list"),
}

READING_ARRAYS: dict[str, frozenset[str]] = {
    "ndarray": _KEEPS_ARRAY | REDUCING | words("ravel flatten tolist item nonzero tobytes trace"),
    "dataframe": _KEEPS_FRAME
    | _FRAME_REDUCES
    | words("to_numpy groupby iterrows itertuples items keys get to_dict corr describe equals"),
    "series": _KEEPS_SERIES
    | _SERIES_REDUCES
    | words("to_numpy groupby items keys get to_dict to_list tolist unique to_frame item equals"),
    "arraylike": REDUCING | words("copy astype tolist"),
    "groupby": _FRAME_REDUCES | words("size first last get_group ngroup cumcount head tail"),
}
"""Methods that change nothing, by the kind of their receiver; `inplace=True` is another matter."""

WINDOWS = frozenset(("loc", "iloc", "at", "iat", "values", "flat", "T"))
"""Attributes through which an array, frame or series is itself written to."""

FRAME_ATTRIBUTES = words(
    "values index columns shape size ndim dtypes T loc iloc at iat empty axes attrs style plot",
    "sparse flags",
)
"""Attributes of a frame that are not one of its columns."""


def known_call(name: str) -> str | None:
    """Return numpy's own name for a function of numpy, None for any other function."""
    return name.removeprefix(NUMPY) if name.startswith(NUMPY) else None


def is_pure_array_call(name: str) -> bool:
    """Return whether a function of numpy or pandas changes nothing and only reads its arguments.

    An array given as `out` is changed all the same; whoever sees the call looks for that.
    """
    if name.startswith(PANDAS):
        return name.removeprefix(PANDAS) in _PURE_PANDAS
    own = known_call(name)
    if own is None or own.startswith(_NOT_PURE):
        return False
    makes = _MAKES_FLAT | _MAKES_SHAPE | _MAKES_ARRAY
    return own in ELEMENTWISE | REDUCING | makes | _OTHER_PURE


def outputs(call: ast.Call, name: str) -> list[ast.expr]:
    """Return what a pure function of numpy writes its answer into, where a call says so."""
    found = [each.value for each in call.keywords if each.arg == "out"]
    own = known_call(name)
    if own in _OF_ONE or own in _OF_TWO:
        found += call.args[1 if own in _OF_ONE else 2 :]
    return found


def made_by(name: str) -> Kind | None:
    """Return the kind of what a function of numpy or pandas makes whatever it is given."""
    if name.startswith(PANDAS):
        own = name.removeprefix(PANDAS)
        if own in _MAKES_FRAME:
            return _FRAME
        return _SERIES if own in _MAKES_SERIES else None
    own = known_call(name)
    if own is None:
        return None
    if own in _MAKES_FLAT:
        return _FLAT
    return _ARRAY if own in _MAKES_ARRAY | _MAKES_SHAPE else None


def takes_whole(name: str) -> bool:
    """Return whether a function of numpy does the same with a list as with an array of it."""
    return known_call(name) in ELEMENTWISE | REDUCING


def answers_anew(name: str) -> bool:
    """Return whether a pure function's answer shares no memory with what the call is given."""
    if name.startswith(PANDAS):
        return name in ("pandas.concat", "pandas.merge", "pandas.read_csv")
    return is_pure_array_call(name) and known_call(name) not in _VIEWS


def makes_shape(name: str) -> bool:
    """Return whether a function makes an array of the shape it is given first."""
    return (known_call(name) or "") in _MAKES_SHAPE


def method_result(receiver: Kind, method: str, *, whole: bool) -> Kind | None:
    """Return the kind of what a method of an array, frame or series returns.

    Args:
        receiver: one of `ARRAYS`.
        method: its name.
        whole: True when the call names no axis, so that a reduction answers one number.
    """
    assert receiver.name in ARRAYS
    if receiver.name == "ndarray" and method in REDUCING:
        return Kind("number") if whole else _ARRAY
    if receiver.name in ("ndarray", "arraylike") and method in ("copy", "astype"):
        return receiver
    return _METHODS.get((receiver.name, method))
