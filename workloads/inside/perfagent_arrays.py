"""Describes arrays, frames, tensors and expressions for `perfagent_answer`, by their types' names.

What a user of the library sees is described, not how it is laid out: memory order, views, blocks
of a frame, sorted or unsorted indices of a sparse matrix and caches make no difference. None of
the libraries is imported: whose objects are met is loaded. CPython 3.8 and later.
"""

import sys
from typing import Any, Dict

_PLAIN_INDEXES = ("Index", "RangeIndex", "Int64Index", "UInt64Index", "Float64Index")
_NUMPY_BACKED = ("NumpyExtensionArray", "PandasArray")


def described(encoder, name, public, private=()):
    """Return a node of attributes."""
    private = dict(private)
    return [
        "object",
        name,
        {key: encoder.value(public[key]) for key in sorted(public)},
        {key: encoder.value(private[key]) for key in sorted(private)},
    ]


def array(encoder, obj, name):
    """Return the node of a numpy array or scalar; a masked one has its mask and fill value."""
    numpy = sys.modules["numpy"]
    if hasattr(obj, "mask") and hasattr(obj, "fill_value"):
        return _masked(encoder, obj, name)
    plain = numpy.asarray(obj)
    own = {}
    if not str(type(obj).__module__).startswith("numpy"):
        own = dict(getattr(obj, "__dict__", None) or {})
    if own:  # a subclass with a unit, a header, …
        public = {key: value for key, value in own.items() if not key.startswith("_")}
        private = {key: value for key, value in own.items() if key.startswith("_")}
        return described(encoder, name, dict(public, array=plain), private)
    return _elements(encoder, plain, name)


def _elements(encoder, plain, name):
    dtype = plain.dtype
    public = {"dtype": encoder.dtype_name(dtype), "shape": list(plain.shape)}
    if dtype.names is not None:
        # Field by field: the gaps between the fields hold anything.
        public.update(fields=[[field, plain[field]] for field in dtype.names])
        return described(encoder, name, public)
    if dtype.hasobject or dtype.kind == "T":
        return described(encoder, name, dict(public, values=plain.ravel().tolist()))
    if dtype.kind in "fc" and dtype.itemsize > (8 if dtype.kind == "f" else 16):
        # Of an extended float some bytes are never written.
        narrow = plain.astype("<f8" if dtype.kind == "f" else "<c16")
        return described(encoder, name, dict(public, values=narrow))
    plain = plain.astype(dtype.newbyteorder("<"), copy=False)
    return encoder.packed(name, plain.dtype.str, list(plain.shape), plain.tobytes())


def _masked(encoder, obj, name):
    numpy = sys.modules["numpy"]
    plain = numpy.array(obj.data, copy=True, subok=False)
    public = {"fill": numpy.asarray(obj.fill_value)}
    if plain.dtype.names is not None:
        public["fields"] = [[field, obj[field]] for field in plain.dtype.names]
        return described(encoder, name, public)
    mask = sys.modules["numpy.ma"].getmaskarray(obj)
    plain[mask] = numpy.zeros((), plain.dtype)
    return described(encoder, name, dict(public, mask=mask, values=plain))


def frame(encoder, obj, name):
    """Return the node of a pandas frame, column by column."""
    columns = [obj.iloc[:, number] for number in range(obj.shape[1])]
    data = [{"dtype": encoder.dtype_name(each.dtype), "values": _column(each)} for each in columns]
    public = {"columns": obj.columns, "index": obj.index, "data": data}
    return described(encoder, name, dict(public, **_metadata(obj)))


def series(encoder, obj, name):
    """Return the node of a pandas series."""
    public = {"dtype": encoder.dtype_name(obj.dtype), "values": _column(obj)}
    public.update(index=obj.index, name=obj.name)
    return described(encoder, name, dict(public, **_metadata(obj)))


def index(encoder, obj, name):
    """Return the node of a pandas index; one of a range is its numbers, as pandas compares it."""
    public = {"names": list(obj.names)}
    if hasattr(obj, "levels"):
        levels = [obj.get_level_values(number) for number in range(obj.nlevels)]
        return described(encoder, name, dict(public, levels=levels))
    public.update(dtype=encoder.dtype_name(obj.dtype), values=_column(obj))
    if hasattr(obj, "freqstr"):
        public["freq"] = obj.freqstr
    plain = type(obj).__name__ in _PLAIN_INDEXES and str(type(obj).__module__).startswith("pandas")
    return described(encoder, "pandas.Index" if plain else name, public)


def _column(obj):
    values = obj.array
    return obj.to_numpy() if type(values).__name__ in _NUMPY_BACKED else values


def _metadata(obj):
    public = {key: getattr(obj, key, None) for key in obj._metadata if not key.startswith("_")}
    public.pop("name", None)
    flags = getattr(obj, "flags", None)
    if flags is not None:
        public["duplicate_labels"] = bool(flags.allows_duplicate_labels)
    return dict(public, attrs=dict(getattr(obj, "attrs", None) or {}))


def extension(encoder, obj, name):
    """Return the node of a pandas array that is not numpy's."""
    numpy = sys.modules["numpy"]
    public = {"dtype": encoder.dtype_name(obj.dtype)}
    if hasattr(obj, "categories"):
        public.update(categories=obj.categories, ordered=bool(obj.ordered), codes=obj.codes)
    elif hasattr(obj, "_mask") and hasattr(obj.dtype, "numpy_dtype"):
        # What lies under the mask is left over from elsewhere.
        kept = obj.to_numpy(dtype=obj.dtype.numpy_dtype, na_value=0)
        public.update(missing=numpy.asarray(obj.isna()), values=kept)
    elif hasattr(obj, "asi8"):
        public.update(values=obj.asi8)
    elif hasattr(obj, "closed"):
        public.update(left=obj.left, right=obj.right, closed=obj.closed)
    elif hasattr(obj, "sp_values"):
        public.update(values=numpy.asarray(obj.to_dense()), fill=obj.fill_value)
    else:
        public.update(values=list(obj))
    return described(encoder, name, public)


def tensor(encoder, obj, name):
    """Return the node of a torch tensor."""
    public = {
        "dtype": encoder.dtype_name(obj.dtype),
        "layout": str(obj.layout),
        "device": str(obj.device.type),
        "requires_grad": bool(obj.requires_grad),
        "shape": list(obj.shape),
    }
    if obj.is_leaf and obj.grad is not None:
        public["grad"] = obj.grad
    if obj.device.type == "meta":
        return described(encoder, name, public)
    dense = obj.detach()
    if getattr(dense, "is_quantized", False):
        public["scale"] = repr(dense.qscheme())
        dense = dense.dequantize()
    if str(dense.layout) != "torch.strided":
        dense = dense.to_dense()
    dense = dense.cpu()
    for step in ("resolve_conj", "resolve_neg"):  # torch 1.10 and later
        dense = getattr(dense, step)() if hasattr(dense, step) else dense
    if str(dense.dtype) == "torch.bfloat16":
        wide = dense.float().numpy()
        node = encoder.packed(name, "bfloat16", list(wide.shape), wide.tobytes())
        public["values"] = encoder.ready(node)
    else:
        public["values"] = dense.numpy()
    return described(encoder, name, public)


def variable(encoder, obj, name):
    """Return the node of an xarray variable: dimensions, attributes, values."""
    data = obj.values
    if str(getattr(obj.dtype, "kind", "O")) not in "biufcmMSUOVT":
        data = list(data)
    public = {"dims": list(obj.dims), "attrs": dict(obj.attrs), "values": data}
    return described(encoder, name, public)


def labelled(encoder, obj, name):
    """Return the node of an xarray array or dataset."""
    coordinates = [[str(key), obj.coords[key].variable] for key in obj.coords]
    public = {"coords": sorted(coordinates, key=lambda pair: pair[0]), "attrs": dict(obj.attrs)}
    if hasattr(obj, "data_vars"):
        public["variables"] = {str(key): obj.data_vars[key].variable for key in obj.data_vars}
        public["sizes"] = dict(sorted((str(key), int(n)) for key, n in obj.sizes.items()))
    else:
        held = obj.variable
        if type(held).__name__ == "IndexVariable":
            # An array shows the same, and is identical to xarray, whichever kind holds its values.
            kind = next(each for each in type(held).__mro__ if each.__name__ == "Variable")
            name_of_both = "%s.%s" % (kind.__module__, kind.__qualname__)
            held = encoder.ready(variable(encoder, held, name_of_both))
        public.update(variable=held, name=obj.name)
    return described(encoder, name, public)


def sparse(encoder, obj, name):
    """Return the node of a scipy sparse matrix: what is stored where, zeros among it included."""
    numpy = sys.modules["numpy"]
    stored = obj.tocoo(copy=True)
    stored.sum_duplicates()
    where = getattr(stored, "coords", None) or (stored.row, stored.col)
    public = {
        "dtype": encoder.dtype_name(obj.dtype),
        "shape": list(obj.shape),
        "indices": [numpy.asarray(axis, "int64") for axis in where],
        "data": stored.data,
    }
    return described(encoder, name, public)


def expression(encoder, obj, name):
    """Return the node of a sympy expression: its class and arguments, or what it is made of."""
    arguments = tuple(obj.args)
    public: Dict[str, Any] = {"args": arguments}
    if hasattr(obj, "_mpf_") and hasattr(obj, "_prec"):
        public["precision"] = int(obj._prec)
        public["value"] = float(obj) if obj._prec <= 53 else str(obj)
        return described(encoder, name, public)
    if not arguments:
        public["text"] = str(obj)
    content = obj._hashable_content()
    if hasattr(obj, "dummy_index"):
        # The number of a Dummy counts those made before it; which ones are the same is kept.
        content = content[:-1]
        public["dummy"] = encoder.ordinal(("dummy", obj.dummy_index))
    if content != arguments:
        public["content"] = repr(content)
    return described(encoder, name, public)


def matrix(encoder, obj, name):
    """Return the node of a sympy matrix, whatever domain it keeps its entries in."""
    return described(encoder, name, {"shape": list(obj.shape), "entries": list(obj)})


def domain_matrix(encoder, obj, name):
    """Return the node of a sympy DomainMatrix, dense or sparse."""
    entries = obj.to_Matrix()
    return described(encoder, name, {"domain": str(obj.domain), "entries": entries})


DESCRIBE = {
    ("numpy", "ndarray"): array,
    ("numpy", "generic"): array,
    ("pandas", "DataFrame"): frame,
    ("pandas", "Series"): series,
    ("pandas", "Index"): index,
    ("pandas", "ExtensionArray"): extension,
    ("torch", "Tensor"): tensor,
    ("xarray", "DataArray"): labelled,
    ("xarray", "Dataset"): labelled,
    ("xarray", "Variable"): variable,
    ("scipy", "_spbase"): sparse,
    ("scipy", "spmatrix"): sparse,
    ("sympy", "MatrixBase"): matrix,
    ("sympy", "DomainMatrix"): domain_matrix,
    ("sympy", "Basic"): expression,
}
