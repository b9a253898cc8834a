"""The contract of a spec, worked out once for all who draw it."""

from __future__ import annotations

from functools import lru_cache

from lstmviz.core.contract import Contract, contract
from lstmviz.core.spec import RunSpec


@lru_cache(maxsize=4)
def contract_of(spec: RunSpec) -> Contract:
    """Return `contract(spec)`, from memory where it was asked for just before."""
    return contract(spec)
