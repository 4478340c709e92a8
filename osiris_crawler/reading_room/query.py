"""What a reader types into the search field, as the indexes are asked.

    élections -locales "haut débit" télécom* fibre OU cuivre

Every word must be in the article, in any of its forms; words between quotes must stand together; one behind a dash must not
be there; one before a star is a beginning; between OU (or OR) one of two will do. All of it is taken as words, so that no
text that is typed is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from osiris_crawler.dataset.wording import fold
from osiris_crawler.export.database.french import STOPWORDS, stem, words

LONGEST = 300  # letters of a question
_MOST = 24  # terms
_QUOTES = str.maketrans(dict.fromkeys("«»“”„‟", '"'))
_TERM = re.compile(r'(-?)"([^"]*)"?|(\S+)')
_OR = {"OU", "OR", "|"}
_TURNING = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def tame(text: str) -> str:
    """Without marks that turn the order of letters around, and without controls: what is asked is shown again."""
    return _TURNING.sub("", text)


@dataclass(frozen=True, slots=True)
class Term:
    """Stems that stand together, or the folded beginning of a word."""

    said: str
    stems: tuple[str, ...]
    beginning: str | None = None

    @property
    def match(self) -> str:
        """As FTS5 is asked: of stems in `articles_stems`, of a beginning in `articles_fts`."""
        return f'"{self.beginning}"*' if self.beginning else '"' + " ".join(self.stems) + '"'


@dataclass(frozen=True, slots=True)
class Query:
    """`groups`: of each one term must be there. `without`: none of them may."""

    groups: tuple[tuple[Term, ...], ...] = ()
    without: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.groups or self.without)

    @property
    def terms(self) -> list[Term]:
        return [term for group in self.groups for term in group]


def parse(text: str) -> Query:
    """A question, read."""
    groups: list[list[Term]] = []
    without: list[Term] = []
    either = False
    for found in list(_TERM.finditer(text[:LONGEST].translate(_QUOTES)))[: 2 * _MOST]:
        dash, phrase, word = found.groups()
        if word in _OR:
            either = bool(groups)
            continue
        if word is not None and word.startswith("-") and len(word) > 1:
            dash, word = "-", word[1:]
        term = _term(phrase if word is None else word, quoted=word is None)
        if term is None:
            continue
        if dash:
            without.append(term)
        elif either:
            groups[-1].append(term)
        else:
            groups.append([term])
        either = False
    telling = [group for group in groups if not all(_says_little(term) for term in group)]
    return Query(tuple(map(tuple, (telling or groups)[:_MOST])), tuple(without[:_MOST]))


def _term(text: str, *, quoted: bool) -> Term | None:
    found = [match[1] for match in words(text)]
    if not found:
        return None
    if text.endswith("*") and not quoted and len(found) == 1 and len(fold(found[0])) > 1:
        return Term(text, (), fold(found[0]))
    stems = tuple(filter(None, map(stem, found)))
    return Term(text, stems) if stems else None


def _says_little(term: Term) -> bool:
    return len(term.stems) == 1 and term.stems[0] in STOPWORDS
