"""French words as a search compares them: without case, accents, elided articles and inflection.

    L’économie numérique des réseaux  →  econom numer de reseau

The accents go before the stemmer (Snowball's French one) sees a word, so that it finds the same stem whether they were
typed or not. Whoever asks must cut words as the index did: both do it here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from threading import Lock

from snowballstemmer.french_stemmer import FrenchStemmer

from osiris_crawler.dataset.wording import fold

# A word, without the article or pronoun that is elided before it: l’, d’, qu’, lorsqu’ …
_WORD = re.compile(r"(?:(?<![^\W_])(?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)['’ʼ])?([^\W_]+)", re.I)
_SHORTEST = 4  # letters that a word must have to be inflected
_IRREGULAR = {"travaux": "travail"}
_WHOLE = frozenset({"pays"})  # else “payer” would find every country
_LONGEST = 64  # longer "words" are addresses and debris; they are cut

# Too frequent to tell articles apart; a query of nothing else is taken as it is.
STOPWORDS = frozenset(
    "a ai as au aux avec c ce ces cet cette d dans de des du elle elles en est et eu il ils j je l la le les leur leurs lui m ma"
    " mais me mes n ne nos notre nous on ont ou par pas pour qu que qui s sa se ses son sont sur t ta te tes ton tu un une vos"
    " votre vous y the of and to in for is".split()
)

_stemmer = FrenchStemmer()
_stemming = Lock()  # the stemmer keeps the word it works on


def words(text: str) -> Iterator[re.Match[str]]:
    """The words of a text; group 1 is the word, before it may stand what was elided."""
    return _WORD.finditer(text)


@lru_cache(maxsize=1 << 18)
def stem(word: str) -> str:
    """The stem of one word; figures and short words are only folded."""
    plain = fold(word[:_LONGEST])
    plain = _IRREGULAR.get(plain, plain)
    if len(plain) < _SHORTEST or plain in _WHOLE or plain in STOPWORDS or not plain.isalpha():
        return plain
    with _stemming:
        found = str(_stemmer.stemWord(plain))
    # It leaves the plural of “lois”, “vidéos” and “enjeux”; and the end of “publié” without its accent, which it takes from
    # “publier”.
    while len(found) >= _SHORTEST and (found[-1] in "eis" or found.endswith("ux")):
        found = found[:-1]
    return plain if found in STOPWORDS else found  # “Paris” is no “par”


def stems(text: str) -> list[str]:
    """The stems of a text, in order."""
    return [found for word in _WORD.findall(unicodedata.normalize("NFC", text)) if (found := stem(word))]
