"""osiris export parquet: a typed table (date32, timestamps in UTC, lists, structs), compressed with zstd.

Its Arrow schema is derived from the record. Written a row group at a time: so many articles, or fewer that are long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from osiris_crawler.errors import UsageError
from osiris_crawler.export.about import about
from osiris_crawler.export.job import Job, Written
from osiris_crawler.export.placing import placed
from osiris_crawler.export.rows import Rows
from osiris_crawler.export.shapes import Kind, Shape, shapes
from osiris_crawler.i18n import _
from osiris_crawler.record import keys

if TYPE_CHECKING:
    import pyarrow as pa

GROUP = 5_000  # articles in a row group
_LETTERS = 32_000_000  # letters in one, about, when articles are long
_LEVEL = 9  # of zstd: a fifth smaller than with the usual 3
# What is said over and over: Parquet writes it once a row group, and then its number. Elsewhere this would only cost.
REPEATED = (
    "section", "tags", "authors", "sources.name", "sources.outlet", "images.type", "documents.type", "language", "kind",
    "capture.warc", "reader", "issues",
)  # fmt: skip

Turn = Callable[[Any], Any]


def schema(names: Sequence[str] = (), about: Mapping[str, str] | None = None) -> pa.Schema:
    """The Arrow schema of all fields or of those named; `about` goes into the footer."""
    import pyarrow as pa

    return pa.schema([_column(name, shapes()[name]) for name in names or keys()], metadata=dict(about or {}))


def _column(name: str, shape: Shape) -> pa.Field:
    import pyarrow as pa

    said = {"description": shape.description} if shape.description else None
    return pa.field(name, _type(shape), nullable=shape.nullable, metadata=said)


def _type(shape: Shape) -> pa.DataType:
    import pyarrow as pa

    match shape.kind:
        case Kind.TEXT:
            return pa.string()
        case Kind.NUMBER:
            return pa.int64()
        case Kind.DAY:
            return pa.date32()
        case Kind.INSTANT:
            return pa.timestamp("us", tz="UTC")
        case Kind.LIST:
            assert shape.item is not None
            return pa.list_(_column("element", shape.item))
        case Kind.STRUCT:
            return pa.struct([_column(name, part) for name, part in shape.parts.items()])


def _turn(shape: Shape) -> Turn | None:
    """How a value of JSON becomes one that Arrow takes; None when it is one."""
    if shape.kind is Kind.DAY:
        return lambda value: None if value is None else date.fromisoformat(value)
    if shape.kind is Kind.INSTANT:
        return lambda value: None if value is None else datetime.fromisoformat(value)
    if shape.kind is Kind.LIST and shape.item is not None and (inner := _turn(shape.item)) is not None:
        return lambda value: [inner(one) for one in value]
    parts = {name: turn for name, part in shape.parts.items() if (turn := _turn(part)) is not None}
    if parts:
        return lambda value: value | {name: turn(value[name]) for name, turn in parts.items()}
    return None


def _leaves(name: str, shape: Shape, path: str = "") -> Iterator[tuple[str, str]]:
    """(name, path in the file) of what a column is made of: ("sources.outlet", "sources.list.element.outlet")."""
    path = path or name
    if shape.item is not None:
        yield from _leaves(name, shape.item, f"{path}.list.element")
    elif shape.parts:
        for part, inner in shape.parts.items():
            yield from _leaves(f"{name}.{part}", inner, f"{path}.{part}")
    else:
        yield name, path


def _groups(articles: Iterable[Mapping[str, Any]], names: Sequence[str]) -> Iterator[list[Mapping[str, Any]]]:
    """Articles in row groups."""
    group: list[Mapping[str, Any]] = []
    letters = 0
    for article in articles:
        group.append(article)
        letters += _letters(article, names)
        if len(group) == GROUP or letters >= _LETTERS:
            yield group
            group, letters = [], 0
    if group:
        yield group


def _letters(article: Mapping[str, Any], names: Sequence[str]) -> int:
    """About how long an article is: its texts, and the texts of its lists."""
    count = 0
    for name in names:
        value = article[name]
        if isinstance(value, str):
            count += len(value)
        elif isinstance(value, list):
            count += sum(len(one) if isinstance(one, str) else 200 for one in value)
    return count


def write_parquet(
    stream: BinaryIO,
    articles: Iterable[Mapping[str, Any]],
    names: Sequence[str] = (),
    about: Mapping[str, str] | None = None,
) -> None:
    """A Parquet file of articles, with `names` of these fields in this order; UsageError without pyarrow."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as problem:
        raise UsageError(
            _("Parquet is written by pyarrow, which is not installed."),
            _("“pip install 'osiris-crawler[dataset]'” brings it."),
        ) from problem
    chosen = list(names or keys())
    made = schema(chosen, about)
    turns = {name: _turn(shapes()[name]) for name in chosen}
    paths = {path for name in chosen for leaf, path in _leaves(name, shapes()[name]) if leaf in REPEATED}
    with parquet.ParquetWriter(
        stream, made, compression="zstd", compression_level=_LEVEL, use_dictionary=sorted(paths) or False
    ) as writer:
        for group in _groups(articles, chosen):
            arrays = []
            for column in made:
                turn = turns[column.name]
                values = (article[column.name] for article in group)
                arrays.append(pa.array(list(map(turn, values) if turn else values), column.type))
            writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=made), row_group_size=len(group))


class Parquet:
    """One row an article, typed."""

    name = "parquet"
    suffix = ".parquet"

    def write(self, job: Job) -> Written:
        """Write aside, then put in place."""
        rows = Rows(job)
        with placed(job.to, rows.size) as out:
            write_parquet(out.stream, rows, job.fields, about(job.collection, job.title, job.description))
            out.stream.flush()
            size = out.aside.stat().st_size
        return Written(job.to, size, {"articles": rows.taken}, rows.left_out, rows.told(), rows.warnings)
