"""A capture of our own, written anew in the manner of other crawlers."""

from __future__ import annotations

import gzip
import hashlib
import json
import uuid
import zipfile
from base64 import b32encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from osiris_crawler.archive import files
from osiris_crawler.archive.http import parse_response
from osiris_crawler.archive.reader import records


@dataclass(frozen=True)
class Page:
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    date: datetime


Write = Callable[[Path, list[Page]], None]


def pages_of(archive: Path, *, earlier: timedelta = timedelta()) -> list[Page]:
    """The responses of an archive in order, their dates put back; each address once."""
    found: dict[str, Page] = {}
    for path in files.closed_files(archive):
        for record in records(path):
            if record.type == "response":
                message = parse_response(record.block)
                kept = tuple(pair for pair in message.text_headers() if pair[0].lower() not in _CODING)
                date = datetime.fromisoformat(record.date) - earlier
                found.setdefault(record.uri, Page(record.uri, message.status, kept, message.body, date))
    assert len(found) > 20
    return list(found.values())


_CODING = ("transfer-encoding", "content-length", "content-encoding")


def record_of(kind: str, fields: dict[str, str], block: bytes, *, version: str = "1.0") -> bytes:
    """A record in a gzip member of its own, as written by hand: nothing is added."""
    lines = [f"WARC/{version}", f"WARC-Type: {kind}", *(f"{name}: {value}" for name, value in fields.items())]
    lines.append(f"Content-Length: {len(block)}")
    return gzip.compress("\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n", mtime=0)


def new_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def sha1(data: bytes) -> str:
    return "sha1:" + b32encode(hashlib.sha1(data).digest()).decode()


def head(page: Page, *extra: tuple[str, str], version: str = "HTTP/1.1") -> bytes:
    lines = [f"{version} {page.status} X", *(f"{name}: {value}" for name, value in (*page.headers, *extra))]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def seconds(date: datetime) -> str:
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")


def request_for(page: Page, method: str = "GET") -> bytes:
    return f"{method} {page.url.split('/', 3)[3]} HTTP/1.1\r\nHost: h\r\n\r\n".replace(" ", " /", 1).encode()


def chunked(body: bytes) -> bytes:
    halves = [half for half in (body[: len(body) // 2], body[len(body) // 2 :]) if half]
    return b"".join(b"%x\r\n%s\r\n" % (len(half), half) for half in halves) + b"0\r\n\r\n"


def wget(path: Path, pages: Iterable[Page]) -> None:
    """Requests first, addresses in <>, dates to the second, payload digests over the chunks, its log as a resource."""
    info = new_id()
    out = [record_of("warcinfo", {"Content-Type": "application/warc-fields", "WARC-Date": "2014-03-01T10:00:00Z", "WARC-Record-ID": info}, b"software: Wget/1.21.3 (linux-gnu)\r\nformat: WARC File Format 1.0\r\n")]
    for page in pages:
        asked = new_id()
        common = {"WARC-Target-URI": f"<{page.url}>", "WARC-Date": seconds(page.date), "WARC-Warcinfo-ID": info}
        request = request_for(page)
        out.append(record_of("request", {**common, "WARC-Record-ID": asked, "WARC-Block-Digest": sha1(request), "Content-Type": "application/http;msgtype=request"}, request))
        body = chunked(page.body)
        block = head(page, ("Transfer-Encoding", "chunked")) + body
        out.append(record_of("response", {**common, "WARC-Record-ID": new_id(), "WARC-Concurrent-To": asked, "WARC-Block-Digest": sha1(block), "WARC-Payload-Digest": sha1(body), "Content-Type": "application/http;msgtype=response"}, block))
    log = b"<html><h1>not a page</h1></html>"
    out.append(record_of("resource", {"WARC-Record-ID": new_id(), "WARC-Target-URI": "metadata://gnu.org/software/wget/warc/wget.log", "WARC-Date": "2014-03-01T12:00:00Z", "Content-Type": "text/html"}, log))
    path.write_bytes(b"".join(out))


def browsertrix(path: Path, pages: Iterable[Page]) -> None:
    """Decoded bodies beside the headers of coded ones, HTTP/2, milliseconds, sha256, page notes and thumbnails."""
    out = [record_of("warcinfo", {"WARC-Record-ID": new_id(), "WARC-Date": "2020-03-01T10:00:00.000Z", "Content-Type": "application/warc-fields"}, b"software: Browsertrix-Crawler 1.14.0 (with warcio.js 2.4.7)\r\n", version="1.1")]
    for page in pages:
        answer = new_id()
        common = {"WARC-Target-URI": page.url, "WARC-Date": page.date.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"}
        coded = (("Content-Encoding", "gzip"), ("Content-Length", str(len(gzip.compress(page.body)))), ("transfer-encoding", "chunked"))
        block = head(page, *coded[: 2 if page.body[:1] != b"<" else 3], version="HTTP/2") + page.body
        digest = f"sha256:{hashlib.sha256(page.body).hexdigest()}"
        out.append(record_of("response", {**common, "WARC-Record-ID": answer, "WARC-Payload-Digest": digest, "Content-Type": "application/http; msgtype=response"}, block, version="1.1"))
        out.append(record_of("request", {**common, "WARC-Record-ID": new_id(), "WARC-Concurrent-To": answer, "Content-Type": "application/http; msgtype=request"}, request_for(page), version="1.1"))
        out.append(record_of("resource", {**common, "WARC-Target-URI": f"urn:pageinfo:{page.url}", "WARC-Record-ID": new_id(), "Content-Type": "application/json"}, b"{}", version="1.1"))
    first = next(iter(pages))
    # Something was posted to an article's address, and what came back is none of its pages.
    posted = replace(first, url=f"{first.url}?__wb_method=POST&nom=x", body=b"<html><h1>Merci</h1></html>")
    out.append(record_of("response", {"WARC-Target-URI": posted.url, "WARC-Date": seconds(posted.date), "WARC-Record-ID": new_id()}, head(posted) + posted.body, version="1.1"))
    out.append(record_of("resource", {"WARC-Target-URI": f"urn:thumbnail:{first.url}", "WARC-Date": seconds(first.date), "WARC-Record-ID": new_id(), "Content-Type": "image/jpeg"}, b"\xff\xd8", version="1.1"))
    path.write_bytes(b"".join(out))


def heritrix(path: Path, pages: Iterable[Page]) -> None:
    """An answer of the name server first, then response, request and metadata; pages of other hosts among them."""
    out = [record_of("warcinfo", {"WARC-Date": "2012-03-01T10:00:00Z", "WARC-Record-ID": new_id(), "WARC-Filename": "IAH-20120301100000-00000-h.warc.gz", "Content-Type": "application/warc-fields"}, b"software: Heritrix/3.4.0\r\n")]
    out.append(record_of("response", {"WARC-Target-URI": "dns:site", "WARC-Date": "2012-03-01T10:00:01Z", "WARC-Record-ID": new_id(), "Content-Type": "text/dns"}, b"20120301100001\nsite. 3600 IN A 192.0.2.1\n"))
    for page in pages:
        answer = new_id()
        common = {"WARC-Target-URI": page.url, "WARC-Date": seconds(page.date)}
        body = gzip.compress(page.body, mtime=0)
        block = head(page, ("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))) + body
        out.append(record_of("response", {**common, "WARC-Payload-Digest": sha1(body), "WARC-IP-Address": "192.0.2.1", "WARC-Record-ID": answer}, block))
        out.append(record_of("request", {**common, "WARC-Concurrent-To": answer, "WARC-Record-ID": new_id()}, request_for(page)))
        out.append(record_of("metadata", {**common, "WARC-Concurrent-To": answer, "WARC-Record-ID": new_id(), "Content-Type": "application/warc-fields"}, b"via: x\r\n"))
    other = Page("https://fonts.example/x.html", 200, (("Content-Type", "text/html"),), b"<html>other</html>", next(iter(pages)).date)
    out.append(record_of("response", {"WARC-Target-URI": other.url, "WARC-Date": seconds(other.date), "WARC-Record-ID": new_id()}, head(other) + other.body))
    path.write_bytes(b"".join(out))


def commoncrawl(path: Path, pages: Iterable[Page]) -> None:
    """Request, response, metadata; bodies decoded, their codings' headers renamed; the digest is over the decoded body."""
    out = []
    for page in pages:
        asked, answer = new_id(), new_id()
        common = {"WARC-Date": seconds(page.date), "WARC-Target-URI": page.url}
        out.append(record_of("request", {**common, "WARC-Record-ID": asked, "WARC-Concurrent-To": answer}, request_for(page)))
        block = head(page, ("X-Crawl-Content-Encoding", "gzip"), ("X-Crawl-Transfer-Encoding", "chunked"), ("Content-Length", str(len(page.body)))) + page.body
        out.append(record_of("response", {**common, "WARC-Record-ID": answer, "WARC-Concurrent-To": asked, "WARC-Payload-Digest": sha1(page.body)}, block))
    path.write_bytes(b"".join(out))


def bare(path: Path, pages: Iterable[Page]) -> None:
    """No compression, no requests, no digests, no warcinfo, odd dates; HTTPS where the site says http."""
    out = []
    for page in pages:
        date = page.date.strftime("%Y-%m-%dT%H:%M:%S.%f") + "789+00:00"
        out.append(gzip.decompress(record_of("response", {"WARC-Target-URI": page.url, "WARC-Date": date, "WARC-Record-ID": new_id()}, head(page) + page.body)))
    path.write_bytes(b"".join(out))


MANNERS: dict[str, Write] = {"wget": wget, "browsertrix": browsertrix, "heritrix": heritrix, "commoncrawl": commoncrawl, "bare": bare}  # type: ignore[dict-item]


def wacz(path: Path, warcs: Iterable[Path], *, package: bool = True) -> None:
    """A WACZ file with WARC files stored in it."""
    with zipfile.ZipFile(path, "w") as out:
        resources = []
        for warc in warcs:
            data = warc.read_bytes()
            out.writestr(f"archive/{warc.name}", data)
            resources.append({"name": warc.name, "path": f"archive/{warc.name}", "hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "bytes": len(data)})
        out.writestr("pages/pages.jsonl", b'{"format": "json-pages-1.0"}\n')
        if package:
            out.writestr("datapackage.json", json.dumps({"profile": "data-package", "wacz_version": "1.1.1", "resources": resources}))
