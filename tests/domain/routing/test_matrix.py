"""Travel is a square of whole numbers that nobody can misread."""

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.routing.matrix import CELL, LARGEST, Matrix, Travel

ROWS = ((0, 1, 2), (3, 0, 4), (5, 6, 0))


def test_a_matrix_is_read_row_by_row_from_there_to_there() -> None:
    matrix = Matrix.of(ROWS)
    assert [list(matrix[i]) for i in range(len(matrix))] == [list(row) for row in ROWS]
    assert (matrix[0][2], matrix[2][0]) == (2, 5)


def test_the_memory_is_flat_and_of_four_bytes_a_pair() -> None:
    matrix = Matrix.of(ROWS)
    assert list(matrix.cells) == [cell for row in ROWS for cell in row]
    assert matrix.cells.itemsize == 4


def test_a_matrix_of_no_places_is_a_matrix() -> None:
    assert len(Matrix.of(())) == 0


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (((0, 1),), "square"),
        (((0, 1), (1,)), "square"),
        (((0, 1), (1, 0), (1, 1)), "square"),
        (((0, -1), (1, 0)), "not negative"),
        (((0, 1), (1, 1)), "staying"),
        (((1, 1), (1, 0)), "staying"),
        (((0, LARGEST + 1), (1, 0)), "32 bits"),
    ],
)
def test_what_is_no_travel_is_refused(rows: tuple[tuple[int, ...], ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Matrix.of(rows)


def test_cells_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match="square"):
        Matrix(1, array("q", [0]))


def test_the_largest_number_fits() -> None:
    assert Matrix.of(((0, LARGEST), (LARGEST, 0)))[0][1] == LARGEST


@pytest.mark.parametrize(("i", "j"), [(3, 0), (0, 3)])
def test_what_is_not_there_is_not_read(i: int, j: int) -> None:
    with pytest.raises(IndexError):
        Matrix.of(ROWS)[i][j]


def test_equal_travel_is_equal_wherever_it_lies() -> None:
    turned = Matrix.of(tuple(zip(*ROWS, strict=True)))
    assert Matrix.of(ROWS) == Matrix(3, array(CELL, [cell for row in ROWS for cell in row]))
    assert hash(Matrix.of(ROWS)) == hash(Matrix.of(ROWS))
    assert Matrix.of(ROWS) != turned
    assert Matrix.of(ROWS) != ROWS


def test_a_block_has_some_of_the_places_in_the_order_asked_for() -> None:
    assert Matrix.of(ROWS).block((2, 0)) == Matrix.of(((0, 5), (2, 0)))
    assert Matrix.of(ROWS).block(range(3)) == Matrix.of(ROWS)
    assert len(Matrix.of(ROWS).block(())) == 0


@settings(max_examples=60)
@given(data=st.data(), size=st.integers(1, 8))
def test_every_cell_of_a_block_is_the_cell_of_its_places(data: st.DataObject, size: int) -> None:
    cells = st.integers(0, LARGEST)
    rows = [[data.draw(cells) if i != j else 0 for j in range(size)] for i in range(size)]
    places = data.draw(st.lists(st.integers(0, size - 1), unique=True))
    block = Matrix.of(rows).block(places)
    assert [list(block[k]) for k in range(len(block))] == [
        [rows[i][j] for j in places] for i in places
    ]


def test_seconds_and_metres_are_of_the_same_places() -> None:
    assert Travel(Matrix.of(ROWS), Matrix.of(ROWS)).size == 3
    with pytest.raises(ValueError, match="one size"):
        Travel(Matrix.of(ROWS), Matrix.of(((0, 1), (1, 0))))
