"""Names for the arrays that carry rows: every one holds one entry per row unless a docstring gives its shape."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Single = NDArray[np.float32]
Labels = NDArray[np.int8]
Words = NDArray[np.str_]

Rows = Bools | Ints | slice
"""What picks rows: a mask, positions in the order wanted, or a slice."""

AnyArray = NDArray[Any]
