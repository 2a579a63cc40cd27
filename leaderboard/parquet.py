"""Boards as a Parquet table, for those who go on with data frames. Needs the extra `parquet`."""

from __future__ import annotations

import io
from collections.abc import Sequence

from leaderboard.exports import penalty
from leaderboard.points import from_millionths
from leaderboard.ranking import Board
from leaderboard.untrusted import visible
from question_bank.diagnostics import bad_input


def parquet_boards(boards: Sequence[Board]) -> bytes:
    """One table of all boards: exact points (decimal), dates in UTC, Pass null where it is open.

    InputError where pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise bad_input(
            "no-pyarrow",
            "Parquet is written by pyarrow, which is not installed",
            hint='pip install "mockexam[parquet]"',
        ) from None
    points = pa.decimal128(18, 6)
    schema = pa.schema(
        [
            ("Rank", pa.int32()),
            ("User", pa.string()),
            ("Date submitted", pa.timestamp("us", tz="UTC")),
            ("Score", points),
            ("Pass", pa.bool_()),
            ("Pending points", points),
            ("Full points", points),
            ("Late penalty", points),
            ("Board", pa.string()),
            ("Assignment", pa.string()),
            ("Submission", pa.int64()),
        ]
    )
    rows = [
        (
            rank,
            visible(row.user),
            row.received,
            from_millionths(row.points),
            row.passed,
            from_millionths(row.pending),
            from_millionths(row.full),
            from_millionths(penalty(row)),
            visible(board.name),
            visible(board.plan.assignment),
            row.submission or None,
        )
        for board in boards
        for rank, row in board.entries
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [
        pa.array(column, type=field.type) for column, field in zip(columns, schema, strict=True)
    ]
    out = io.BytesIO()
    parquet.write_table(pa.table(arrays, schema=schema), out)
    return out.getvalue()
