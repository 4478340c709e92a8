"""A small press, made by hand, with articles that attack; and the room over it, asked as a browser asks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from osiris_crawler.paths import Collection
from osiris_crawler.reading_room.making import prepared
from osiris_crawler.reading_room.room import Room
from osiris_crawler.reading_room.serving import application
from osiris_crawler.record import Article, content_digest

BASE = "http://127.0.0.1:8001"
ONE = "2026-01-01T00:00:00.000000Z"
ATTACK = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">&#x3C;b&#x3E; &lt;i&gt; &amp &bogus;"
TURNED = "fichier \u202egpj.exe\u202c fin \u2066caché"
JAVASCRIPT = "javascript:document.title='taken'"


def article(id: str, date: str | None, title: str, body: str, **fields: Any) -> dict[str, Any]:
    """A line of the dataset, whole."""
    url = fields.pop("url", f"http://www.a.example/{id}.html")
    made = Article(
        id=id, url=url, urls=[url], date=date, title=title, body=body, language=fields.pop("language", "fr"), first_seen=ONE,
        last_changed=ONE, reader="1", capture={"warc": "a.warc.gz", "offset": 0, "record_id": "<urn:x>", "date": ONE},
    )  # fmt: skip
    for name, value in fields.items():
        setattr(made, name, value)
    made.content_digest = content_digest(json.loads(made.line()))
    found: dict[str, Any] = json.loads(made.line())
    return found


def source(text: str, name: str | None, url: str | None = None) -> dict[str, Any]:
    return {"text": text, "name": name, "outlet": name, "url": url, "date": None}


def press() -> list[dict[str, Any]]:
    """Twelve articles by date, then id, and 24 more of one month."""
    soleil, sud = [source("(Source : Le Soleil)", "Le Soleil")], [source("(Source : Sud)", "Sud Quotidien")]
    year = ["Articles de presse", "Année 2012"]
    long = "Le ministre a présenté le projet de loi sur les télécommunications. " * 40
    made = [
        article("1", "1999-03-10", "L’économie numérique au Sénégal", "Un texte sur les réseaux.", tags=["Internet"], sources=soleil),
        article("2", "2012-01-05", "Élections : les opérateurs promettent", "Les élections locales et le haut débit à Thiès.", section=[*year, "Janvier"], tags=["Internet", "Politique"], sources=sud),
        article("3", "2012-01-06", "La loi sur le haut débit est votée", f"{long}\n\nLe haut et le bas. Le débit est haut.", section=[*year, "Janvier"], tags=["Politique"], sources=soleil, version=2),
        article("4", "2012-02-07", "La loi sur le haut débit est votée (reprise)", f"{long}\n\nLe haut et le bas. Le débit est très haut.", section=[*year, "Février"], sources=sud, duplicate_of="3"),
        article("5", "2013-05-01", "Tableau des abonnés", "Voici.\n\nÉvolution\nAnnée\tAbonnés\n2001\t739 000\n2002\t800 000\n\n– un point\n– un autre\n\nFin [1].", notes=["[1] Une note."], lead="Un chapô.", ps="Un PS."),
        article("attack", "2014-01-01", ATTACK, f"{ATTACK}\n\n{TURNED}\n\na\t{ATTACK}\nb\t2", lead=ATTACK, subtitle=TURNED, tags=[ATTACK], authors=[ATTACK], notes=[ATTACK], section=[ATTACK], sources=[source(ATTACK, ATTACK, JAVASCRIPT)], link=JAVASCRIPT, documents=[{"url": JAVASCRIPT, "title": ATTACK, "type": "text/html"}], images=[{"url": "http://outside.example/x.png", "title": None, "type": "image/png"}], language="x\" onload=\"alert(1)"),
        article("dots.v1.json", "2014-02-02", "Un nom avec des points", "Texte.", overline="Surtitre"),
        article("étrange/nom ?&#", "2014-02-03", "=1+1", "+cmd|' /C calc'!A0", tags=["@somme"]),
        article("6", "2015-06-01", "Withdrawn in English", "The regulator has spoken.", withdrawn=ONE, language="en"),
        article("7", None, "Sans date", "Rien ne dit quand."),
    ]  # fmt: skip
    more = [article(f"m{n:02}", f"2016-09-{n + 1:02}", f"Brève numéro {n}", "Une brève sur la fibre.", tags=["Brève"], sources=soleil) for n in range(24)]
    return sorted([*made, *more], key=lambda one: (one["date"] or "", one["id"]))


def collected(folder: Path, lines: list[dict[str, Any]]) -> Collection:
    collection = Collection(folder, "c")
    collection.create()
    collection.articles.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return collection


class Reader:
    """Asks the room as a browser would, without one."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.room = Room(collection, prepared(collection, lambda done, total: None))
        self._served, self._answer = application(self.room)

    def ask(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._answer)
            async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})

        return asyncio.run(asked())

    def page(self, path: str) -> str:
        answer = self.ask(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.text

    def json(self, path: str) -> Any:
        return json.loads(self.page(path))

    def ids(self, path: str) -> list[str]:
        return [item["id"] for item in self.json(path)["items"]]

    def close(self) -> None:
        for database in self._served.databases.values():
            database.close()
        self._served.executor.shutdown()


Opening = Callable[[Collection], Reader]


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    made = Reader(collected(tmp_path_factory.mktemp("room"), press()))
    yield made
    made.close()


@pytest.fixture
def opening() -> Iterator[Opening]:
    """Opens rooms that are closed with the test."""
    opened: list[Reader] = []

    def open_room(collection: Collection) -> Reader:
        opened.append(Reader(collection))
        return opened[-1]

    yield open_room
    for one in opened:
        one.close()
