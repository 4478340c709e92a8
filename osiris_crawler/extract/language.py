"""The language of an article, from its first 500 letters."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from osiris_crawler.extract.facts import ArticleFacts

_LANGUAGES = ["fr", "en", "ar", "pt", "es", "de", "it"]
_SHORTEST = 60  # letters; below it the page's own word is better than a guess
_READ = 500


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(_LANGUAGES)
    return identifier


def language_of(article: ArticleFacts, declared: str | None) -> str | None:
    """BCP 47 tag, told from lead and body; of short texts the one that the page declares."""
    text = f"{article.lead or ''} {article.body}".strip()[:_READ]
    if sum(map(str.isalpha, text)) < _SHORTEST:
        return (declared or "").strip().split("-")[0].lower() or None
    return str(_identifier().classify(text)[0])
