"""How are travel times and distances kept? Flat 32-bit integers, four bytes a pair.

Nested tuples of a thousand places take 70 MB, this takes 4; and the native core reads the very same
memory.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: 32-bit seconds reach 68 years and 32-bit metres 2.1 million kilometres.
CELL = "i"
LARGEST = 2**31 - 1


class Matrix:
    """A square matrix of integers, read as ``matrix[i][j]``, never changed.

    Parameters
    ----------
    size
        n, the number of places.
    cells
        (n * n,) row by row, row = from; whole numbers from 0 to ``LARGEST``, 0 on the diagonal.

    Raises
    ------
    ValueError
        If there are not n * n cells, one is negative, or staying takes something.
    """

    __slots__ = ("_rows", "cells", "size")

    def __init__(self, size: int, cells: array[int]) -> None:
        if cells.typecode != CELL or len(cells) != size * size:
            raise ValueError("a travel matrix is square")
        if size and min(cells) < 0:
            raise ValueError("travel is not negative")
        if any(cells[:: size + 1]):
            raise ValueError("staying takes no travel")
        self.size = size
        self.cells = cells
        view = memoryview(cells)
        self._rows = tuple(view[i * size : (i + 1) * size] for i in range(size))

    @classmethod
    def of(cls, rows: Sequence[Iterable[int]]) -> "Matrix":
        """From rows, (n, n).

        Raises
        ------
        ValueError
            As the constructor does, and if a cell does not fit 32 bits.
        """
        try:
            cells = array(CELL, (cell for row in rows for cell in row))
        except OverflowError as error:
            raise ValueError("travel does not fit 32 bits") from error
        return cls(len(rows), cells)

    def __getitem__(self, index: int) -> "memoryview[int]":
        return self._rows[index]

    def __len__(self) -> int:
        return self.size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Matrix) and self.cells == other.cells

    def __hash__(self) -> int:
        return hash((self.size, self.cells.tobytes()))

    def block(self, places: Sequence[int]) -> "Matrix":
        """The matrix of some of the places, in their order."""
        return Matrix.of([[row[j] for j in places] for row in (self._rows[i] for i in places)])


@dataclass(frozen=True, slots=True)
class Travel:
    """How long and how far, for one kind of vehicle.

    Parameters
    ----------
    duration_s, distance_m
        [s] and [m], (n, n) over ``Problem.places``, row = from. Neither needs to be symmetric.
    """

    duration_s: Matrix
    distance_m: Matrix

    def __post_init__(self) -> None:
        if self.duration_s.size != self.distance_m.size:
            raise ValueError("travel matrices are of one size")

    @property
    def size(self) -> int:
        return self.duration_s.size
