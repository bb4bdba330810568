"""Who goes with whom, all of them considered together: the pairs whose scores add up to the most.

Pure arithmetic; knows nothing of pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf

# Scores of one row, by column; a column that is left out does not fit.
Scores = Mapping[int, float]


def clear_pairs(rows: Sequence[Scores], margin: float) -> dict[int, int]:
    """Column of each row in the best assignment, where every other one adds up to less by at least `margin`.

    A row or a column may stay alone, for a score of 0.
    """
    total, pairs = _best(rows)
    return {row: column for row, column in pairs.items() if total - _best(_but(rows, row, column))[0] >= margin}


def _but(rows: Sequence[Scores], row: int, column: int) -> list[Scores]:
    left = {other: score for other, score in rows[row].items() if other != column}
    return [left if index == row else scores for index, scores in enumerate(rows)]


def _best(rows: Sequence[Scores]) -> tuple[float, dict[int, int]]:
    """Best total and its pairs. Rows are seated one after the other, along the cheapest chain of moves."""
    columns = sorted({column for scores in rows for column, score in scores.items() if score > 0})
    # Behind the columns, one seat for each row on which it stays alone.
    size = len(columns) + len(rows)
    costs = [[-max(0.0, scores.get(column, 0.0)) for column in columns] + [0.0] * len(rows) for scores in rows]
    row_price, seat_price = [0.0] * len(rows), [0.0] * (size + 1)
    # Row on each seat; the last seat is where the row to be seated waits.
    seated = [-1] * (size + 1)
    for row in range(len(rows)):
        seated[size] = row
        way = _chain(costs, row_price, seat_price, seated)
        seat = way[-1]
        for before in reversed(way[:-1]):
            seated[seat], seat = seated[before], before
    pairs = {row: columns[seat] for seat, row in enumerate(seated[: len(columns)]) if row >= 0}
    pairs = {row: column for row, column in sorted(pairs.items()) if rows[row].get(column, 0.0) > 0}
    return sum(rows[row][column] for row, column in pairs.items()), pairs


def _chain(costs: list[list[float]], row_price: list[float], seat_price: list[float], seated: list[int]) -> list[int]:
    """Seats from the waiting one to a free one, each row moving one on; the prices are brought up to date."""
    size = len(seated) - 1
    cheapest, came_from, done = [inf] * size, [size] * size, [False] * (size + 1)
    seat = size
    while seated[seat] >= 0:
        done[seat] = True
        row = seated[seat]
        for other in range(size):
            if done[other]:
                continue
            cost = costs[row][other] - row_price[row] - seat_price[other]
            if cost < cheapest[other]:
                cheapest[other], came_from[other] = cost, seat
        following = min((other for other in range(size) if not done[other]), key=cheapest.__getitem__)
        step = cheapest[following]
        for other in range(size + 1):
            if done[other]:
                row_price[seated[other]] += step
                seat_price[other] -= step
            elif other < size:
                cheapest[other] -= step
        seat = following
    way = [seat]
    while seat != size:
        seat = came_from[seat]
        way.append(seat)
    return way[::-1]
