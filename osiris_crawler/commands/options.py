"""Options that several commands take, said once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from osiris_crawler.i18n import _

Command = TypeVar("Command", bound=Callable[..., Any])


def collection(command: Command) -> Command:
    """-o OUTPUT -c NAME"""
    command = click.option(
        "-c", "--collection", metavar="NAME", help=_("Name of the collection. Default: the site profile's name.")
    )(command)
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="OUTPUT",
        help=_("Where collections lie. Default: output."),
    )(command)


def talk(command: Command) -> Command:
    """--quiet --json"""
    command = click.option("--json", is_flag=True, default=None, help=_("Print one JSON object on stdout."))(command)
    return click.option("--quiet", is_flag=True, default=None, help=_("Print nothing but errors."))(command)


def example(text: str) -> str:
    """An example, as every command's help ends with."""
    return "\b\n" + _("Example:") + "\n" + "\n".join(f"  {line}" for line in text.splitlines())
