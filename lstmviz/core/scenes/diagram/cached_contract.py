"""The contract of a geometry, worked out once for all who draw it."""

from __future__ import annotations

from functools import lru_cache

from lstmviz.core.contract import Contract, contract
from lstmviz.core.geometry import Geometry


@lru_cache(maxsize=4)
def contract_of(geometry: Geometry) -> Contract:
    """Return `contract(geometry)`, from memory where it was asked for just before."""
    return contract(geometry)
