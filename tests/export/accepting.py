"""Run by the interpreter of .venv-tools, with no way to a network: what other people's tools make of a release.

    python accepting.py FOLDER

One JSON object on stdout, a key a tool.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any


def _nowhere(*_arguments: Any) -> None:
    raise OSError("a validator asked for the network")


socket.socket.connect = _nowhere  # type: ignore[method-assign,assignment]
socket.getaddrinfo = _nowhere  # type: ignore[assignment]

import datacite.schema45  # noqa: E402
import datasets  # noqa: E402
import mlcroissant  # noqa: E402
import pandas  # noqa: E402
import polars  # noqa: E402
import yaml  # noqa: E402
from frictionless import Package  # noqa: E402


def _frictionless(folder: Path) -> dict[str, Any]:
    report = Package(str(folder / "datapackage.json")).validate()
    rows = {task.place: task.stats.get("rows") for task in report.tasks}
    return {"valid": report.valid, "errors": report.flatten(["type", "note"]), "rows": rows}


def _croissant(folder: Path) -> dict[str, Any]:
    found = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    issues = found.metadata.ctx.issues
    records = [json.loads(json.dumps(record, default=_told)) for record in found.records(record_set="articles")]
    return {"errors": list(issues.errors), "warnings": list(issues.warnings), "records": records}


def _told(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else str(value)


def _datasets(folder: Path) -> dict[str, Any]:
    found = datasets.load_dataset(str(folder))
    return {"splits": list(found), "ids": found["train"]["id"][:], "columns": found["train"].column_names}


def _yaml(folder: Path) -> dict[str, Any]:
    front = (folder / "README.md").read_text("utf-8").split("---\n")[1]
    return {"card": yaml.safe_load(front), "cff": yaml.safe_load((folder / "CITATION.cff").read_text("utf-8"))}


def main(folder: Path) -> None:
    cite = json.loads((folder / "datacite.json").read_bytes())
    print(
        json.dumps(
            {
                "frictionless": _frictionless(folder),
                "croissant": _croissant(folder),
                "datasets": _datasets(folder),
                "datacite": [str(problem) for problem in datacite.schema45.validator.iter_errors(cite)],
                "pandas": [*pandas.read_parquet(folder / "data")["id"]],
                "pandas_lines": [*pandas.read_json(folder / "articles.jsonl.gz", lines=True, dtype={"id": str})["id"]],
                "polars": polars.read_parquet(folder / "data")["id"].to_list(),
                "yaml": _yaml(folder),
            },
            default=str,
        )
    )


main(Path(sys.argv[1]))
