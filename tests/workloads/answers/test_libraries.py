"""What the libraries' objects show counts, how they are laid out does not."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from perfagent.workloads.answers.answer import Answer, compare_answers, doubts_of
from perfagent.workloads.inside.perfagent_answer import encode


def _answer(value: object) -> Answer:
    return json.loads(json.dumps({"parts": {"value": encode(value)}}))


def _check_wrong(name: str, base: object, wrong: object) -> None:
    assert compare_answers(_answer(base), _answer(wrong)) is not None, name
    assert compare_answers(_answer(wrong), _answer(base)) is not None, name
    assert compare_answers(_answer(base), _answer(base)) is None, name
    assert doubts_of(_answer(base)) == (), name


def _check_same(name: str, base: object, other: object) -> None:
    assert compare_answers(_answer(base), _answer(other)) is None, name
    assert compare_answers(_answer(other), _answer(base)) is None, name


Pairs = Iterator[tuple[str, Any, Any]]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class Quantity(np.ndarray):
    """Like astropy's: an array with a unit."""


def _quantity(unit: str) -> Quantity:
    made = np.arange(3.0).view(Quantity)
    made._unit = unit  # type: ignore[attr-defined]
    return made


RECORD = np.dtype([("a", "i4"), ("b", "f8")])


def _padded(gap: int) -> np.ndarray:
    made = np.empty(3, np.dtype([("a", "i1"), ("b", "f8")], align=True))
    made.view("u1")[:] = gap
    made["a"], made["b"] = 1, 2.0
    return made


def _numpy_wrong() -> Pairs:
    yield "record", np.array([(1, 2.0)], RECORD), np.array([(1, 3.0)], RECORD)
    yield "field", np.array([(1, 2.0)], RECORD), np.array([(1, 2.0)], [("a", "i4"), ("c", "f8")])
    yield "objects", np.array([1, "a"], object), np.array([1, "b"], object)
    yield "objects' shape", np.array([[1, 2]], object), np.array([[1], [2]], object)
    yield "date", np.array(["2020-01-01", "NaT"], "M8[D]"), np.array(["2020-01-02", "NaT"], "M8[D]")
    yield "unit of dates", np.array(["2020-01-01"], "M8[D]"), np.array(["2020-01-01"], "M8[s]")
    yield "0-d", np.array(1.0), np.array(2.0)
    yield "0-d and scalar", np.array(1.0), np.float64(1.0)
    yield "scalar's type", np.int32(1), np.int64(1)
    yield "scalar and float", np.float64(1.0), 1.0
    yield "every second", np.arange(10)[::2], np.arange(10)[1::2]
    yield "large integers", np.array([10**7]), np.array([10**7 + 1])
    yield "masked", np.ma.array([1, 2], mask=[0, 1]), np.ma.array([3, 2], mask=[0, 1])
    yield "fill value", np.ma.array([1], fill_value=3), np.ma.array([1], fill_value=4)
    yield "matrix", np.matrix([[1]]), np.array([[1]])
    yield "long", np.array([1, 2], np.longdouble), np.array([1, 3], np.longdouble)
    yield "32 bits", np.array([1, 2], "f4"), np.array([1, 2.0001], "f4")
    yield "empty", np.zeros((0, 3)), np.zeros((0, 4))
    yield "unit", _quantity("m"), _quantity("s")
    yield "generator", np.random.default_rng(1), np.random.default_rng(2)


def _numpy_same() -> Pairs:
    yield "padding", _padded(7), _padded(9)
    yield "order", np.arange(6.0).reshape(2, 3), np.asfortranarray(np.arange(6.0).reshape(2, 3))
    yield "view", np.arange(10)[::2], np.arange(10)[::2].copy()
    yield "broadcast", np.broadcast_to(1.0, (3,)), np.ones(3)
    yield "under a mask", np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 9], mask=[0, 1])
    yield "no mask", np.ma.array([1, 2]), np.ma.array([1, 2], mask=[0, 0])
    yield "rounding", np.array([1, 2], "f4"), np.nextafter(np.array([1, 2], "f4"), np.float32(9))
    yield "fields", np.array([(1, 1.0)], RECORD), np.array([(1, 1.0 + 1e-13)], RECORD)


def _pandas_wrong() -> Pairs:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [1.0, 2.0, np.nan], "c": ["x", "y", None]})
    with_attrs = frame.copy()
    with_attrs.attrs["k"] = 1
    yield "value", frame, frame.replace({"a": {2: 5}})
    yield "text", frame, frame.replace({"c": {"y": "z"}})
    yield "missing", frame, frame.fillna({"b": 0.0})
    yield "order of columns", frame, frame[["b", "a", "c"]]
    yield "name of a column", frame, frame.rename(columns={"a": "z"})
    yield "index", frame, frame.set_axis([3, 4, 5])
    yield "name of the index", frame, frame.rename_axis("i")
    yield "name of the columns", frame, frame.rename_axis(columns="i")
    yield "dtype", frame, frame.astype({"a": "int32"})
    yield "nullable", frame, frame.astype({"a": "Int64"})
    yield "attrs", frame, with_attrs
    yield "flags", frame, frame.set_flags(allows_duplicate_labels=False)
    yield "name of a series", pd.Series([1], name="a"), pd.Series([1], name="b")
    letters = pd.Categorical(["a", "b"], categories=["a", "b"])
    yield "category", letters, pd.Categorical(["b", "b"], categories=["a", "b"])
    yield "categories", letters, pd.Categorical(["a", "b"], categories=["a", "b", "c"])
    yield "ordered", pd.Series(letters), pd.Series(letters.as_ordered())
    pairs = pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["x", "y"])
    yield "names", pairs, pairs.set_names(["x", "z"])
    yield "levels", pairs, pd.MultiIndex.from_product([[1, 3], ["a", "b"]], names=["x", "y"])
    yield "tuples", pairs, pairs.to_flat_index()
    yield "nullable value", pd.array([1, None]), pd.array([2, None])
    yield "which is missing", pd.array([1, None]), pd.array([None, 1])
    yield "NaT and NA", [pd.NaT], [pd.NA]
    days = pd.date_range("2020", periods=3, freq="D")
    yield "freq", pd.Series([1, 2, 3], index=days), pd.Series([1, 2, 3], pd.DatetimeIndex([*days]))
    yield "time zone", days.tz_localize("UTC"), days.tz_localize("Europe/Paris")
    yield "times", days, days + pd.Timedelta("1s")
    yield "timestamp", pd.Timestamp("2020"), pd.Timestamp("2021")
    yield "period", pd.Period("2020"), pd.Period("2021")
    yield "interval", pd.interval_range(0, 2), pd.interval_range(0, 2, closed="left")
    sparse = pd.arrays.SparseArray
    yield "sparse", pd.Series(sparse([0, 1, 0])), pd.Series(sparse([0, 2, 0]))
    yield "kinds of index", pd.Index([1, 2]), pd.Index([1.0, 2.0])


def _pandas_same() -> Pairs:
    pd = pytest.importorskip("pandas")
    grown = pd.DataFrame({"a": [1.0, 2.0]})
    grown["b"] = [3.0, 4.0]
    yield "blocks", pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}), grown
    yield "consolidated", grown, grown.copy()
    by_column = pd.DataFrame(np.asfortranarray(np.arange(6.0).reshape(3, 2)))
    yield "memory order", pd.DataFrame(np.arange(6.0).reshape(3, 2)), by_column
    used = pd.Index([1, 2, 3])
    assert used.is_unique
    assert used.get_loc(2) == 1
    yield "caches of an index", pd.Index([1, 2, 3]), used
    yield "range", pd.Series([1, 2], pd.RangeIndex(2)), pd.Series([1, 2], pd.Index([0, 1]))
    pairs = pd.MultiIndex.from_product([[1, 2], ["a", "b"]])[:2]
    yield "unused levels", pairs, pairs.remove_unused_levels()
    left_over = pd.array([1, None, 3], dtype="Int64")
    left_over._data[1] = 99
    yield "under a mask", pd.array([1, None, 3], dtype="Int64"), left_over


def _torch_wrong() -> Pairs:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor
    layer = torch.nn.Linear(2, 2)
    other = copy.deepcopy(layer)
    other.weight.data[0, 0] += 1
    yield "value", tensor([1.0, 2.0]), tensor([1.0, 3.0])
    yield "dtype", tensor([1.0]), tensor([1.0], dtype=torch.float64)
    yield "requires_grad", tensor([1.0]), tensor([1.0], requires_grad=True)
    yield "bfloat16", tensor([1.0]).bfloat16(), tensor([1.5]).bfloat16()
    yield "sparse", tensor([[0, 1.0]]).to_sparse(), tensor([[0, 2.0]]).to_sparse()
    yield "layout", tensor([[0, 1.0]]).to_sparse(), tensor([[0, 1.0]])
    yield "rows", tensor([[0, 1.0]]).to_sparse_csr(), tensor([[0, 2.0]]).to_sparse_csr()
    yield "parameter", torch.nn.Parameter(tensor([1.0])), tensor([1.0], requires_grad=True)
    yield "module", layer, other
    yield "dtype alone", torch.float32, torch.float64


def _torch_same() -> Pairs:
    torch = pytest.importorskip("torch")
    square = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    yield "memory order", square.t(), square.t().contiguous()
    yield "conjugate", torch.tensor([1 + 1j]).conj(), torch.tensor([1 - 1j])
    one = torch.tensor([1.0], requires_grad=True)
    yield "how it was made", one * 2, one + 1


def _labelled(**changes: Any) -> Any:
    xr = pytest.importorskip("xarray")
    given = {
        "data": np.arange(4.0).reshape(2, 2),
        "dims": ("x", "y"),
        "coords": {"x": [1, 2], "l": ("x", ["a", "b"])},
        "attrs": {"u": 1},
        "name": "n",
    }
    return xr.DataArray(**(given | changes))


def _xarray_wrong() -> Pairs:
    base = _labelled()
    described = _labelled()
    described.x.attrs["unit"] = "m"
    yield "value", base, base + 1
    yield "dims", base, _labelled(dims=("x", "z"))
    yield "attrs", base, _labelled(attrs={"u": 2})
    yield "name", base, _labelled(name="m")
    yield "coords", base, _labelled(coords={"x": [1, 3], "l": ("x", ["a", "b"])})
    yield "missing coords", base, _labelled(coords={"x": [1, 2]})
    yield "attrs of coords", base, described
    yield "dtype", base, _labelled(data=np.arange(4).reshape(2, 2))
    both = base.to_dataset(name="a").assign(b=("x", [1, 2]))
    yield "dataset", both, both.assign(b=("x", [1, 3]))
    yield "variables by themselves", base.x.variable, base.x.variable.to_base_variable()
    yield "values behind an index", base.x, base.x.copy(data=[1, 3]).assign_coords(x=[1, 2])
    yield "attrs of a variable", both, both.assign(b=("x", [1, 2], {"q": 1}))
    yield "variable", both, both.drop_vars("b")
    yield "attrs of a dataset", both, both.assign_attrs(t=2)


def _xarray_same() -> Pairs:
    stored = _labelled()
    stored.encoding["zlib"] = True
    yield "encoding", _labelled(), stored
    yield "order of coords", _labelled(), _labelled(coords={"l": ("x", ["a", "b"]), "x": [1, 2]})
    yield "copy", _labelled(), _labelled().copy(deep=True)
    index = _labelled().x
    plain = index._replace(index.variable.to_base_variable())
    assert type(plain.variable) is not type(index.variable)
    yield "behind an index or not", index, plain


def _scipy_wrong() -> Pairs:
    from scipy import sparse

    base = sparse.csr_matrix(np.array([[0, 1.0, 2], [3, 0, 0]]))
    wider = sparse.csr_matrix((base.data, base.indices, base.indptr), shape=(2, 4))
    yield "format", base, base.tocsc()
    yield "shape", base, wider
    yield "dtype", base, base.astype("f4")
    yield "array", base, sparse.csr_array(base)
    for name in ("bsr", "coo", "csc", "csr", "dia", "dok", "lil"):
        yield name, base.asformat(name), (base * 2).asformat(name)


def _scipy_same() -> Pairs:
    from scipy import sparse

    base = sparse.csr_matrix(np.array([[0, 1.0, 2], [3, 0, 0]]))
    parts = (np.array([2.0, 1.0, 3.0]), np.array([2, 1, 0]), np.array([0, 2, 3]))
    yield "unsorted", base, sparse.csr_matrix(parts, shape=(2, 3))
    twice = sparse.coo_matrix(([1.0, 1.0], ([0, 0], [0, 0])), shape=(1, 1))
    yield "duplicates", twice, sparse.coo_matrix(([2.0], ([0], [0])), shape=(1, 1))
    yield "rounding", base, base * (1 + 1e-14)


def _sympy_wrong() -> Pairs:
    sympy = pytest.importorskip("sympy")
    x, y = sympy.symbols("x y")
    positive = sympy.Symbol("x", positive=True)
    d1, d2 = sympy.Dummy("d"), sympy.Dummy("d")
    yield "operation", x + y, x - y
    yield "assumptions", sympy.sin(x), sympy.sin(positive)
    yield "exponent", x**2, x**3
    yield "float", sympy.Float(1.5), sympy.Float(1.6)
    yield "precision", sympy.Float("0.1", 30), sympy.Float("0.1", 15)
    yield "kind of number", sympy.Integer(1), sympy.Float(1)
    yield "dummies", sympy.Tuple(d1, d1), sympy.Tuple(d1, d2)
    yield "matrix", sympy.Matrix([[1, x]]), sympy.Matrix([[1, y]])
    yield "polynomial", sympy.Poly(x + 1, x), sympy.Poly(x + 2, x)
    yield "domain", sympy.Poly(x, x), sympy.Poly(x, x, domain="QQ")
    yield (
        "condition",
        sympy.Piecewise((x, x > 0), (y, True)),
        sympy.Piecewise((x, x >= 0), (y, True)),
    )
    yield "keys", {x: 1}, {y: 1}


def _sympy_same() -> Pairs:
    sympy = pytest.importorskip("sympy")
    from sympy.polys.matrices import DomainMatrix

    x, y = sympy.symbols("x y")
    positive = sympy.Symbol("x", positive=True)
    asked = x + y
    assert asked.is_positive is None
    yield "caches", sympy.Add(x, y), asked
    yield "dummies", sympy.Dummy("d") + 1, sympy.Dummy("d") + 1
    yield "rounding", sympy.Float(0.1) * 3, sympy.Float(0.3)
    yield "set", {x, y, positive}, {positive, y, x}
    numbers = DomainMatrix.from_Matrix(sympy.Matrix([[1, 2], [0, 4]]))
    yield "dense and sparse", numbers.to_dense(), numbers.to_sparse()


WRONG = [_numpy_wrong, _pandas_wrong, _torch_wrong, _xarray_wrong, _scipy_wrong, _sympy_wrong]
SAME = [_numpy_same, _pandas_same, _torch_same, _xarray_same, _scipy_same, _sympy_same]


@pytest.mark.parametrize("pairs", WRONG, ids=lambda made: made.__name__)
def test_a_wrong_object_of_a_library_does_not_pass(pairs: Any) -> None:
    for name, base, wrong in pairs():
        _check_wrong(name, base, wrong)


@pytest.mark.parametrize("pairs", SAME, ids=lambda made: made.__name__)
def test_the_same_object_built_another_way_is_not_refused(pairs: Any) -> None:
    for name, base, other in pairs():
        _check_same(name, base, other)


def test_an_array_past_what_is_kept_is_still_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    from perfagent.workloads.inside import perfagent_answer

    monkeypatch.setattr(perfagent_answer, "MOST_PACKED_BYTES", 100)
    base, wrong = _answer(np.zeros(5000)), _answer(np.ones(5000))
    assert compare_answers(base, wrong) == "value: the contents differ"
    assert compare_answers(base, base) is None
    assert "large arrays are compared bit by bit, without tolerance" in doubts_of(base)
