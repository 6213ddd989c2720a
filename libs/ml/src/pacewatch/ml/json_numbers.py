"""Numbers that JSON can represent: an undefined number is null, never NaN."""

import math
from typing import Any

import numpy as np


def number(value: Any) -> float | None:
    """A finite float, or None."""
    return float(value) if value is not None and math.isfinite(value) else None


def plain(value: Any) -> Any:
    """`value` with arrays as lists, NumPy scalars as Python's, and NaN or infinity as None, at every depth."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    return number(value) if isinstance(value, float | np.floating) else value
