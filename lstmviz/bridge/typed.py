"""JSON back into our own types, believing nothing that their annotations do not say."""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import (
    Any,
    Final,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

_Kind = TypeVar("_Kind")
_Reader = Callable[[Any], Any]

_LONGEST_TEXT: Final = 1 << 20
"""Characters; a traceback of an engine takes some thousands."""


def typed(kind: type[_Kind], data: object) -> _Kind:
    """Return `data`, as JSON gives it back, as a `kind`: a dataclass, a TypedDict or a plain type.

    Every field has to be there, unless it has a default, and none may be there beside them; each
    is of exactly the type that it is annotated with. A whole number stands for a real one, a list
    for a tuple, and a text for the member of an enum.

    Raises
    ------
    ValueError
        It is none.
    """
    found: _Kind = _reader(cast("Hashable", kind))(data)
    return found


@cache
def _reader(kind: Any) -> _Reader:
    """Return what reads a `kind`."""
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if is_typeddict(kind):
        return _typed_dict_reader(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: kind(_text(value))
    plain = _PLAIN.get(kind)
    return plain or _generic_reader(kind)


def _generic_reader(kind: Any) -> _Reader:
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _union_reader(kind, parts)
    if origin is tuple and parts[-1] is Ellipsis:
        return _row_reader(tuple, _reader(parts[0]))
    if origin is list:
        return _row_reader(list, _reader(parts[0]))
    if origin is tuple:
        readers = tuple(map(_reader, parts))
        return lambda value: tuple(
            read(part) for read, part in zip(readers, _list(value), strict=True)
        )
    if origin is dict:
        return _mapping_reader(_reader(parts[1]))
    raise TypeError(f"nothing reads a {kind}")


def _dataclass_reader(kind: Any) -> _Reader:
    hints = get_type_hints(kind)
    readers = {item.name: _reader(hints[item.name]) for item in fields(kind)}
    needed = {
        item.name
        for item in fields(kind)
        if item.default is MISSING and item.default_factory is MISSING
    }

    def read(value: Any) -> Any:
        return kind(**_fields(value, readers, needed, kind.__name__))

    return read


def _typed_dict_reader(kind: Any) -> _Reader:
    readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
    return lambda value: _fields(value, readers, set(readers), kind.__name__)


def _fields(value: Any, readers: dict[str, _Reader], needed: set[str], name: str) -> dict[str, Any]:
    if type(value) is not dict or not needed <= value.keys() <= readers.keys():
        raise ValueError(f"no {name}")
    return {key: readers[key](part) for key, part in value.items()}


def _union_reader(kind: Any, parts: tuple[Any, ...]) -> _Reader:
    readers = tuple(map(_reader, parts))

    def read(value: Any) -> Any:
        for one in readers:
            try:
                return one(value)
            except ValueError:
                continue
        raise ValueError(f"no {kind}")

    return read


def _row_reader(row: type, one: _Reader) -> _Reader:
    return lambda value: row([one(part) for part in _list(value)])


def _mapping_reader(one: _Reader) -> _Reader:
    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise ValueError("no mapping")
        return {_text(key): one(part) for key, part in value.items()}

    return read


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise ValueError("no list")
    return value


def _text(value: Any) -> str:
    if type(value) is not str or len(value) > _LONGEST_TEXT:
        raise ValueError("no text")
    # Half of a surrogate pair is no character: what shows or saves it would fail.
    value.encode()
    return value


def _exactly(kind: type) -> _Reader:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(f"no {kind.__name__}")
        return value

    return read


def _real(value: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError("no number")
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError("no number") from error


_PLAIN: Final[dict[Any, _Reader]] = {
    Any: lambda value: value,
    bool: _exactly(bool),
    int: _exactly(int),
    float: _real,
    str: _text,
    type(None): _exactly(type(None)),
}
