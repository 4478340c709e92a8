"""Where the parts of a collection lie. The layout is pywb's and Browsertrix's, so their tools work on it as it is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import BinaryIO

from osiris_crawler.errors import OsirisError, UsageError
from osiris_crawler.i18n import _

HELD_HERE: set[Path] = set()  # locks that this process holds itself
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Collection:
    """Paths of OUTPUT/collections/NAME; nothing is created before `create`."""

    output: Path
    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise UsageError(
                _("The collection's name %(name)r is not usable.") % {"name": self.name},
                _("Take letters, digits, dots, dashes and underscores, 100 at most, beginning with a letter or digit."),
            )

    @property
    def root(self) -> Path:
        return self.output / "collections" / self.name

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def dataset(self) -> Path:
        return self.root / "dataset"

    @property
    def articles(self) -> Path:
        return self.dataset / "articles.jsonl"

    @property
    def changes(self) -> Path:
        return self.dataset / "changes.jsonl"

    @property
    def schema(self) -> Path:
        return self.dataset / "schema.json"

    @property
    def runs(self) -> Path:
        return self.root / "runs"

    @property
    def index(self) -> Path:
        return self.root / "indexes" / "index.cdxj"

    @property
    def manifest(self) -> Path:
        return self.root / "manifest-sha256.txt"

    @property
    def events(self) -> Path:
        return self.root / "events.jsonl"

    @property
    def restrictions(self) -> Path:
        return self.root / "restrictions.jsonl"

    @property
    def exports(self) -> Path:
        return self.root / "exports"

    @property
    def state(self) -> Path:
        return self.root / "state.sqlite"

    @property
    def lock(self) -> Path:
        return self.root / "lock"

    def exists(self) -> bool:
        """Whether anything of the collection is on disk."""
        return self.state.exists() or self.archive.is_dir()

    def is_held(self) -> bool:
        """Whether another command that is running holds the collection; nothing is waited for, and nothing written."""
        if self.lock in HELD_HERE:
            return False
        try:
            import fcntl
        except ImportError:  # not on POSIX
            return False
        try:
            with self.lock.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False  # nobody has held it yet, or this file system has no locks
        return False

    def create(self) -> None:
        """Make the folders; UsageError when they can't be made or written."""
        try:
            for folder in (self.archive, self.index.parent, self.dataset, self.runs):
                folder.mkdir(parents=True, exist_ok=True)
            if not os.access(self.root, os.W_OK):
                raise PermissionError(13, "not writable")
        except OSError as problem:
            raise UsageError(
                _("The collection's folder %(path)s can't be written: %(why)s.")
                % {"path": self.root, "why": problem.strerror or problem},
                _("Choose another place with -o OUTPUT, or mend its permissions."),
            ) from problem


def free_name(path: Path) -> Path:
    """A path, or one beside it with a number, under which nothing lies yet."""
    found, turn = path, 2
    while found.exists() or found.is_symlink():
        found, turn = path.with_name(f"{path.name}-{turn}"), turn + 1
    return found


@contextmanager
def writable(path: Path, step: str, kind: type[OsirisError] = UsageError) -> Iterator[None]:
    """What fails while something is written there is told in one sentence, with the step to take."""
    try:
        yield
    except OSError as problem:
        raise kind(
            _("%(path)s can't be written: %(why)s.") % {"path": path, "why": problem.strerror or problem}, step
        ) from problem


def replace_file(path: Path, lines: list[bytes] | None = None, *, text: str | None = None) -> None:
    """Write a small file aside, sync it and put it in place of `path` in one step."""
    with AtomicFile(path) as out:
        for line in lines or []:
            out.write(line)
        if text is not None:
            out.write(text.encode())


class AtomicFile:
    """A file that is written aside and takes its name only when the block ends without an error.

    `stream` and `aside` are for who must seek in it, or read it back before it takes its name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.aside = path.with_name(f".{path.name}.{os.getpid()}.part")

    def __enter__(self) -> AtomicFile:
        self.stream: BinaryIO = self.aside.open("wb")
        return self

    def write(self, data: bytes) -> None:
        self.stream.write(data)

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        try:
            try:
                if kind is None:
                    self.stream.flush()
                    os.fsync(self.stream.fileno())
            finally:
                self.stream.close()  # on a full disk this raises as well
        except OSError:
            self.aside.unlink(missing_ok=True)
            if kind is None:
                raise
            return
        if kind is not None:
            self.aside.unlink(missing_ok=True)
            return
        self.aside.replace(self._path)
        if os.name == "posix":
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def remove_leftovers(path: Path) -> None:
    """Remove what killed writers of a file left beside it; what living processes are writing stays."""
    for aside in path.parent.glob(f".{escape(path.name)}.*.part"):
        number = aside.name.removeprefix(f".{path.name}.").removesuffix(".part")
        if number.isdecimal() and not is_running(int(number)):
            aside.unlink(missing_ok=True)


def is_running(process: int) -> bool:
    """Whether a process of this number lives; True where that can't be asked."""
    if os.name != "posix":
        return True  # there a signal of 0 is no question
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
