"""Columns of Arrow tables: found by name, read, measured and replaced. The other columns are never
touched, whatever their types are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from adsift.corpus.extras import load_extra
from adsift.errors import DocumentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ColumnPath = tuple[str, ...]


def find_column(schema: Any, name: str) -> ColumnPath | None:
    """Where a column is.

    Args:
        schema: an Arrow schema.
        name: its name; ``content.text`` is the column of that very name if there is one, else
            ``text`` in the structs of ``content``.

    Raises:
        DocumentError: several columns have that name.
    """
    return _find(list(zip(schema.names, schema.types, strict=True)), name)


def _find(columns: Sequence[tuple[str, Any]], name: str) -> ColumnPath | None:
    types = [type for key, type in columns if key == name]
    if len(types) > 1:
        raise DocumentError(f"{len(types)} columns are called {name!r}: give them different names")
    if types:
        return (name,)
    first, dot, rest = name.partition(".")
    inner = [type for key, type in columns if key == first]
    if not dot or len(inner) != 1 or not load_extra("pyarrow", "Parquet").types.is_struct(inner[0]):
        return None
    path = _find([(field.name, field.type) for field in inner[0]], rest)
    return path and (first, *path)


def text_type(schema: Any, path: ColumnPath) -> Any | None:
    """The type of a column if it holds strings or bytes, in whatever form; else ``None``."""
    type = schema.field(path[0]).type
    for name in path[1:]:
        type = type.field(name).type
    return type if is_text(type) or is_bytes(type) else None


def is_text(type: Any) -> bool:
    """Whether a column holds strings."""
    types = load_extra("pyarrow", "Parquet").types
    value = type.value_type if types.is_dictionary(type) else type
    return bool(
        types.is_string(value) or types.is_large_string(value) or types.is_string_view(value)
    )


def is_bytes(type: Any) -> bool:
    """Whether a column holds bytes of any length."""
    types = load_extra("pyarrow", "Parquet").types
    value = type.value_type if types.is_dictionary(type) else type
    return bool(
        types.is_binary(value) or types.is_large_binary(value) or types.is_binary_view(value)
    )


def column(table: Any, path: ColumnPath) -> Any:
    """A column as one array. Where a struct is null, its fields are too."""
    array = _combined(table.column(path[0]))
    for name in path[1:]:
        array = array.flatten()[array.type.get_field_index(name)]
    return array


def bytes_of(array: Any) -> list[bytes | None]:
    """The values of a column of strings or bytes. Arrow does not see to it that strings are valid
    UTF-8, so they are not decoded here."""
    values: list[bytes | None] = _as_bytes(array).to_pylist()
    return values


def with_values(table: Any, path: ColumnPath, values: Mapping[int, bytes]) -> Any:
    """The table with some values replaced in a column of strings or bytes.

    Args:
        table: an Arrow table.
        path: the column.
        values: rows and the value that each has now.

    Raises:
        DocumentError: the column's type cannot hold so many different values.
    """
    index = table.schema.get_field_index(path[0])
    pyarrow = load_extra("pyarrow", "Parquet")
    try:
        array = _replaced(_combined(table.column(index)), path[1:], values)
    except pyarrow.ArrowInvalid as error:
        raise DocumentError(
            f"the column {'.'.join(path)!r} of type {array_type(table, path)} cannot hold the new "
            f"texts: {error}"
        ) from None
    return table.set_column(index, table.schema.field(index), array)


def array_type(table: Any, path: ColumnPath) -> Any:
    """The type of a column."""
    return column(table.slice(0, 0), path).type


def row_bytes(array: Any) -> NDArray[np.int64]:
    """How many bytes each row of a column holds, offsets and null bits aside.

    Returns:
        One number a row, shape (rows,).
    """
    import numpy as np

    pyarrow = load_extra("pyarrow", "Parquet")
    compute = load_extra("pyarrow.compute", "Parquet")
    type = array.type
    types = pyarrow.types
    none = np.zeros(len(array), np.int64)
    if len(array) == 0 or types.is_null(type):
        return none
    if isinstance(type, pyarrow.BaseExtensionType):
        return row_bytes(array.storage)
    if types.is_dictionary(type):
        values = row_bytes(array.dictionary)
        if not len(values):
            return none
        found: NDArray[np.int64] = values[_filled(array.indices)] * _filled(array.is_valid())
        return found
    if is_text(type) or is_bytes(type):
        return _filled(compute.binary_length(_as_bytes(array)))
    if types.is_struct(type):
        return sum((row_bytes(field) for field in array.flatten()), none)
    if types.is_map(type):
        return _map_bytes(array)
    if types.is_nested(type):
        return _list_bytes(array)
    return np.full(len(array), (type.bit_width + 7) // 8, np.int64)


def _map_bytes(array: Any) -> NDArray[np.int64]:
    import numpy as np

    offsets = _filled(array.offsets)
    items = row_bytes(array.keys) + row_bytes(array.items)
    before = np.concatenate([[0], np.cumsum(items)])
    found: NDArray[np.int64] = np.diff(before[offsets]) * _filled(array.is_valid())
    return found


def _list_bytes(array: Any) -> NDArray[np.int64]:
    import numpy as np

    lengths = _filled(load_extra("pyarrow.compute", "Parquet").list_value_length(array))
    # Null lists hold nothing, those of fixed size among them, although they have a length.
    lengths = lengths * _filled(array.is_valid())
    ends = np.cumsum(lengths)
    before = np.concatenate([[0], np.cumsum(row_bytes(array.flatten()))])
    found: NDArray[np.int64] = before[ends] - before[ends - lengths]
    return found


def _filled(array: Any) -> NDArray[np.int64]:
    pyarrow = load_extra("pyarrow", "Parquet")
    filled = array.cast(pyarrow.int64()).fill_null(0)
    numbers: NDArray[np.int64] = filled.to_numpy(zero_copy_only=False)
    return numbers


def _combined(chunked: Any) -> Any:
    pyarrow = load_extra("pyarrow", "Parquet")
    combined = chunked.combine_chunks()
    if isinstance(combined, pyarrow.ChunkedArray):
        return combined.chunk(0) if combined.num_chunks else pyarrow.array([], chunked.type)
    return combined


def _as_bytes(array: Any) -> Any:
    pyarrow = load_extra("pyarrow", "Parquet")
    if pyarrow.types.is_dictionary(array.type):
        # The values first: Arrow takes no rows of views.
        return array.dictionary.cast(pyarrow.large_binary()).take(array.indices)
    return array.cast(pyarrow.large_binary())


def _replaced(array: Any, path: ColumnPath, values: Mapping[int, bytes]) -> Any:
    pyarrow = load_extra("pyarrow", "Parquet")
    if not path:
        old = _as_bytes(array)
        new = pyarrow.array(list(values.values()), old.type)
        rows = list(range(len(old)))
        for place, row in enumerate(values, len(old)):
            rows[row] = place
        both = pyarrow.concat_arrays([old, new])
        return _from_bytes(both.take(pyarrow.array(rows, pyarrow.int64())), array.type)
    index = array.type.get_field_index(path[0])
    fields = [array.field(i) for i in range(array.type.num_fields)]
    fields[index] = _replaced(fields[index], path[1:], values)
    return pyarrow.StructArray.from_arrays(fields, fields=list(array.type), mask=array.is_null())


def _from_bytes(array: Any, type: Any) -> Any:
    pyarrow = load_extra("pyarrow", "Parquet")
    if pyarrow.types.is_dictionary(type):
        coded = _from_bytes(array, type.value_type).dictionary_encode()
        return pyarrow.DictionaryArray.from_arrays(
            coded.indices.cast(type.index_type), coded.dictionary, ordered=type.ordered
        )
    if is_text(type):
        # Unsafe: values that were not UTF-8 before and are not replaced must not stop the others.
        array = array.cast(pyarrow.large_string(), safe=False)
    return array.cast(type, safe=False)
