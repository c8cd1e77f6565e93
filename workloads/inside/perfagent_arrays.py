"""Describes arrays, frames and tensors for `perfagent_answer`, by the names of their types.

None of the libraries is imported: whose objects are met is loaded. CPython 3.8 and later.
"""

import sys


def array(encoder, obj, name):
    """Return the node of a numpy array or scalar, masked ones with their mask."""
    numpy = sys.modules["numpy"]
    plain = numpy.asarray(obj)
    dtype = plain.dtype
    if hasattr(obj, "mask") and hasattr(obj, "fill_value"):
        shown = numpy.where(obj.mask, numpy.zeros((), dtype), plain)
        return described(encoder, name, {"mask": numpy.asarray(obj.mask), "values": shown})
    if dtype.hasobject:
        public = {"shape": list(plain.shape), "values": plain.ravel().tolist()}
        return described(encoder, name, dict(public, dtype=str(dtype)))
    if dtype.names is None:
        plain = plain.astype(dtype.newbyteorder("<"), copy=False)
    code = plain.dtype.str if dtype.names is None else str(dtype)
    return encoder.packed(name, code, list(plain.shape), plain.tobytes())


def described(encoder, name, public):
    """Return a node of attributes."""
    return ["object", name, {key: encoder.value(public[key]) for key in sorted(public)}, {}]


def frame(encoder, obj, name):
    """Return the node of a pandas frame."""
    columns = [obj.iloc[:, index].to_numpy() for index in range(obj.shape[1])]
    public = {"columns": obj.columns, "index": obj.index, "values": columns}
    return described(encoder, name, dict(public, dtypes=[str(dtype) for dtype in obj.dtypes]))


def series(encoder, obj, name):
    """Return the node of a pandas series or index."""
    values = obj.tolist() if hasattr(obj, "levels") else obj.to_numpy()
    public = {
        "values": values,
        "dtype": str(obj.dtype),
        "names": list(getattr(obj, "names", [])),
    }
    if hasattr(obj, "index") and not callable(obj.index):
        public.update(index=obj.index, names=[obj.name])
    return described(encoder, name, public)


def tensor(encoder, obj, name):
    """Return the node of a torch tensor."""
    public = {"dtype": str(obj.dtype), "requires_grad": bool(obj.requires_grad)}
    dense = obj.detach().cpu()
    public["values"] = (dense.to_dense() if dense.is_sparse else dense).numpy()
    return described(encoder, name, public)


def labelled(encoder, obj, name):
    """Return the node of an xarray array or dataset."""
    coordinates = {str(key): obj.coords[key].values for key in obj.coords}
    public = {"dims": list(obj.dims), "coords": coordinates, "attrs": dict(obj.attrs)}
    if hasattr(obj, "data_vars"):
        public["variables"] = {
            str(key): [list(array.dims), array.values] for key, array in obj.data_vars.items()
        }
    else:
        public.update(values=obj.values, name=obj.name)
    return described(encoder, name, public)


DESCRIBE = {
    ("numpy", "ndarray"): array,
    ("numpy", "generic"): array,
    ("pandas", "DataFrame"): frame,
    ("pandas", "Series"): series,
    ("pandas", "Index"): series,
    ("torch", "Tensor"): tensor,
    ("xarray", "DataArray"): labelled,
    ("xarray", "Dataset"): labelled,
}
