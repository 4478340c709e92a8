"""Words by which a reader tells the parts of a page, whatever the markup. A site's profile adds its own.

All are compared with case, accents and typographic apostrophes folded, against a whole line or its beginning.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

# A line that begins so ends the article: what follows repeats on other pages.
END = (
    "Fil d'actu", "Liens intéressants", "Navigation par mots clés", "Mots clés", "Mots-clés", "Inscrivez-vous", "S'inscrire à",
    "Internet en chiffres", "Suivez-vous", "Suivez-nous", "Dans la même rubrique", "Articles de cette rubrique",
    "Dans cette rubrique", "À lire aussi", "Lire aussi", "Articles récents", "Derniers articles", "Articles liés", "Voir aussi",
    "Répondre à cet article", "Répondre à cette brève", "Un message, un commentaire", "Commentaires", "Vos commentaires",
    "Messages", "Forum", "Réagir à cet article", "Plan du site", "Se connecter", "Rechercher", "Recherche", "Partager",
    "Partager cet article", "Imprimer", "Imprimer cet article", "Version imprimable", "Envoyer par mail", "Recommander",
    "In the same section", "Related articles", "Also in this section", "Reply to this article", "Any message or comments",
    "Share", "Keywords", "Tags", "Comments", "Lettre d'information", "Newsletter", "Haut de page", "Retour en haut",
    "Article précédent", "Article suivant", "Navigation", "Commentaire", "Réactions", "Réaction", "Vos réactions",
    "Sur le même thème", "Sur le même sujet", "Dans le même dossier", "Les plus lus", "Les plus commentés",
    "Sur le Web", "Sites favoris", "Brèves",
)  # fmt: skip
MORE = ("Lire la suite", "Lire la suite…", "Read more")
# A line that is so is passed over: tools that stand among the article's lines.
TOOLS = (
    "Imprimer Texte plus petit Texte plus grand", "Imprimer", "Texte plus petit", "Texte plus grand", "twitter facebook rss",
    "twitter", "facebook", "rss", "Partager", "Print", "A+", "A-", "PDF", "Version imprimable", "Imprimer cet article",
    "Publicité", "Advertisement",
    "Show navigation Hide navigation", "Show navigation", "Hide navigation", "Menu", *MORE,
)  # fmt: skip
# Of these words, those that may as well stand above the text as below it.
ABOVE = (
    "Partager", "Partager cet article", "Imprimer", "Imprimer cet article", "Version imprimable", "Envoyer par mail",
    "Recommander", "Share", "Commentaires", "Vos commentaires", "Messages", "Forum", "Réagir à cet article", "Rechercher",
    "Recherche", "Mots clés", "Mots-clés", "Keywords", "Tags", "Navigation", "Comments", "Répondre à cet article",
)  # fmt: skip
POSTSCRIPT = ("P.-S.", "P.S.", "PS", "Post-scriptum")
NOTES = ("Notes", "Note", "Footnotes", "Notes de bas de page", "Renvois")
DOCUMENTS = (
    "Documents",
    "Documents joints",
    "Documents associés",
    "Document joint",
    "Portfolio",
    "Pièces jointes",
    "À télécharger",
    "Documents à télécharger",
    "Fichiers joints",
    "Attached documents",
)
LINK = ("Voir en ligne", "View online", "See online", "À lire ailleurs", "Lire en ligne", "Article original")


# Words of which a line of buttons is made.
BUTTONS = frozenset(
    "partager imprimer envoyer facebook twitter x linkedin whatsapp telegram courriel email mail rss pdf print share tweet "
    "tweeter google+ par sur cet article la version imprimable copier le lien a+ a- a ecouter telecharger".split()
)
_FEWEST_BUTTONS = 2


def is_tools(key: str, tools: frozenset[str]) -> bool:
    """Whether a line, as landmarks are compared, is one of the site's tools, or nothing but names of buttons."""
    if key in tools:
        return True
    words = key.split()
    return bool(tools) and len(words) >= _FEWEST_BUTTONS and words[0] in _FIRST and all(word in BUTTONS for word in words)


def is_counter(text: str) -> bool:
    """Whether a block is nothing but figures of its readers and a notice of rights: “Article lu 1940 fois”, “© OSIRIS”."""
    if len(text) > _SHORT or not _COUNTED.search(text):
        return False
    return all(_COUNTER.match(folded(line)) for line in text.split("\n"))


# Most blocks are told from these by a word.
_COUNTED = re.compile(r"\b(?:fois|times|visites?|lectures?|vues?|consultations?|hits|views|popularit)|©|\(c\)|copyright", re.I)
_COUNTER = re.compile(
    r"(?:cet |cette )?(?:article |page |breve )?(?:a ete )?(?:lue?|vue?|consultee?|visitee?|affichee?|read|viewed) "
    r"(?:pour la |deja |plus de )?[\d .,]+ (?:fois|times)\.?$"
    r"|(?:visites?|lectures?|vues?|consultations?|hits|views|popularite|nombre de (?:lectures|visites))[ :]+[\d .,]+ ?%?$"
    r"|[\d .,]+ (?:visites?|lectures?|vues?|consultations?|hits|views)$"
    r"|(?:©|\(c\)|copyright).{0,60}?(?:19|20)\d\d"
)
_FIRST = frozenset({"partager", "imprimer", "envoyer", "facebook", "twitter", "share", "print", "tweet", "tweeter"})
_MARKS = re.compile(r"[\u0300-\u036f]+")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """Case, accents, apostrophes, typographic spaces and a closing colon folded."""
    return _short(text) if len(text) <= _SHORT else _folded(text)


def _folded(text: str) -> str:
    plain = _MARKS.sub("", unicodedata.normalize("NFD", text.casefold().replace("’", "'")))
    return _SPACES.sub(" ", plain).strip(" :").strip()


_SHORT = 160  # letters of a text that may well come again: menus stand on every page
_short = lru_cache(maxsize=8192)(_folded)


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Folded words by the part that they mark."""

    end: frozenset[str]
    above: frozenset[str]
    tools: frozenset[str]
    postscript: frozenset[str]
    notes: frozenset[str]
    documents: frozenset[str]
    link: frozenset[str]


@lru_cache(maxsize=32)
def _landmarks(extra: tuple[tuple[str, tuple[str, ...]], ...]) -> Landmarks:
    more = dict(extra)

    def words(name: str, given: tuple[str, ...]) -> frozenset[str]:
        return frozenset(folded(word) for word in (*given, *more.get(name, ())))

    return Landmarks(
        words("end", END), words("above", ABOVE), words("tools", TOOLS), words("postscript", POSTSCRIPT), words("notes", NOTES),
        words("documents", DOCUMENTS), words("link", LINK),
    )  # fmt: skip


def landmarks_of(extra: Mapping[str, tuple[str, ...]]) -> Landmarks:
    """The landmarks of a site: the general ones and its own."""
    return _landmarks(tuple(sorted(extra.items())))


@lru_cache(maxsize=1)
def bare_landmarks() -> Landmarks:
    """Only SPIP's own names of an article's parts: what ends an article has to be learned."""
    whole = landmarks_of({})
    return replace(whole, end=frozenset(), tools=frozenset(map(folded, MORE)))
