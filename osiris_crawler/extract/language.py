"""The language of an article, from its first 500 letters.

Words that only one language has in every sentence tell French and English at once; what they leave open, and every other
language, is told by py3langid.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from osiris_crawler.extract.facts import ArticleFacts

_LANGUAGES = ["fr", "en", "ar", "pt", "es", "de", "it"]
_SHORTEST = 60  # letters; below it the page's own word is better than a guess
_READ = 500
_TAG = re.compile(r"[a-z]{2,3}")  # of ISO 639, with which a tag of BCP 47 begins; a page may declare anything
_WORD = re.compile(r"[a-zà-ÿœ]+")
_FRENCH = frozenset(
    "le du des une dans pour sur est et au aux ce cette qui plus avec sont ont par été leur ces".split()
)
_ENGLISH = frozenset("the of and to in is that for with was are has have on by this from at its will their".split())
_ENOUGH = 8  # such words in 500 letters; a French text has 25
_BESIDE = 4  # times as many as of the other language


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(_LANGUAGES)
    return identifier


def language_of(article: ArticleFacts, declared: str | None) -> str | None:
    """BCP 47 tag, told from lead and body; of short texts the one that the page declares."""
    text = f"{article.lead or ''} {article.body[:_READ]}".strip()[:_READ]
    if sum(map(str.isalpha, text)) < _SHORTEST:
        tag = re.split("[-_]", (declared or "").strip(), maxsplit=1)[0].lower()
        return tag if _TAG.fullmatch(tag) else None
    return _by_words(text) or str(_identifier().classify(text)[0])


def _by_words(text: str) -> str | None:
    words = _WORD.findall(text.lower())
    french = sum(word in _FRENCH for word in words)
    english = sum(word in _ENGLISH for word in words)
    for name, count, other in (("fr", french, english), ("en", english, french)):
        # Other languages share some of these words (“par”, “des”, “la”), never so many.
        if count >= _ENOUGH and count >= _BESIDE * other and count * 12 >= len(words):
            return name
    return None
