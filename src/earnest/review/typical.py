"""Which answers to a question are like most others, and which like none."""

import numpy as np
from numpy.typing import NDArray

from earnest.text.encoder import Vector


def typicality(vectors: Vector) -> NDArray[np.float64]:
    """How alike each text is to the others in meaning, on average: −1 to 1, shape (n,); 0 where there is no other.

    Args:
        vectors: Of the texts, shape (n, dimensions), rows of unit length.
    """
    rows = vectors.astype(np.float64)
    if len(rows) < 2:
        return np.zeros(len(rows))
    own = np.einsum("ij,ij->i", rows, rows)
    found: NDArray[np.float64] = (rows @ rows.sum(axis=0) - own) / (len(rows) - 1)
    return found
