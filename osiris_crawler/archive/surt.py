"""SURT keys: an address turned so that a sorted index keeps a site together, and folded as replay looks it up.

The rules are those of the Internet Archive's canonicalisation as cdxj-indexer and pywb apply it; the package `surt`
(0.3.1) is the reference, and tests/archive/test_surt.py holds every key against it. The package itself is none of ours:
it is under the AGPL, which would bind all of this program, it asks the DNS for hosts that look like numbers, and brings
four packages of its own. What it does fits in this page.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:")
_REPEATED = re.compile(rb"\A(?:https?://)*(https?://)")  # "http://https://…" was meant as the last of them
_PARTS = re.compile(rb"(?s)([^:]*):(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?")
_NUMBERS = re.compile(rb"[0-9]+(?:\.[0-9]+){0,3}")
_WWW = re.compile(rb"www[0-9]*\.")
_MUST = re.compile(rb"[^\x21\x22\x24\x26-\x7e]")  # be escaped
_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
_PORTS = {b"http": 80, b"https": 443}
_ROUNDS = 100  # of unescaping, each a layer of percent signs; a hostile address may have thousands
# Session marks are taken out of queries, the last of each sort: a name, and a value of the form its program gives.
_SESSIONS = tuple(
    re.compile(rb"(?is)(.*)(?:" + mark + rb")(?:&(.*))?")
    for mark in (
        rb"jsessionid=[0-9a-z]{32}",
        rb"phpsessid=[0-9a-z]{32}",
        rb"sid=[0-9a-z]{32}",
        rb"aspsessionid[a-z]{8}=[a-z]{24}",
        rb"cfid=[^&]+&cftoken=[^&]+",
    )
)
_PATH_SESSIONS = (
    re.compile(rb"(?s)(.*/)(?:\((?:[a-z]\([0-9a-z]{24}\))+\)/)([^?]+\.aspx.*)"),
    re.compile(rb"(?s)(.*/)(?:\([0-9a-z]{24}\)/)([^?]+\.aspx.*)"),
)


@lru_cache(maxsize=4096)  # an address comes again in each walk
def surt(url: str) -> str:
    """The SURT key of an address: ``http://www.osiris.sn/Page?b&a`` → ``sn,osiris)/page?a&b``.

    What has no host (``urn:…``, ``dns:…``) is its own key, folded; so is what is no address at all, as it stands.
    """
    if not url:
        return "-"
    if url.startswith("filedesc"):
        return _one_word(url)
    try:
        return _key(url.encode()).decode()
    except ValueError:  # a port that is none, a name that can't be written
        return _one_word(url)


def _one_word(url: str) -> str:
    """What is no address, so written that it can stand in a line: a key ends at the first space, and is ASCII."""
    return quote(url, safe=_VISIBLE, errors="surrogatepass")


def _key(url: bytes) -> bytes:
    text = re.sub(rb"[\t\r\n]", b"", url.strip())
    if not text:
        raise ValueError("no address")
    if not _SCHEME.match(text):
        text = b"http://" + text
    text = _REPEATED.sub(rb"\1", text)
    match = _PARTS.fullmatch(text)
    if match is None:
        raise ValueError("no address")
    scheme, authority, path, query = match.groups(b"")
    host, port = _authority(authority)
    if not host and path and scheme.startswith(b"http"):
        host, _slash, path = path.lstrip(b"/").partition(b"/")
        path = b"/" + path
    host = _host(host)
    if scheme != b"dns":
        host = _WWW.sub(b"", host, count=1) if _WWW.match(host) else host
    mark = _query(query)
    path = _path(path, below_host=bool(host))
    if not host:
        front = scheme + b":"
    else:
        shown = b":%d" % port if port and port != _PORTS.get(scheme.lower()) else b""
        front = b",".join(reversed(host.split(b"."))) + shown + b")"
    return front + (path or (b"/" if mark else b"")) + (b"?" + mark if mark else b"")


@lru_cache(maxsize=256)  # an archive is of a few hosts
def _authority(text: bytes) -> tuple[bytes, int]:
    """(host, port or 0); ValueError when the port is none."""
    text = text.rpartition(b"@")[2].rstrip(b":") if text.endswith(b":") else text.rpartition(b"@")[2]
    before, bracket, inside = text.partition(b"[")
    if bracket:
        host, _close, rest = inside.partition(b"]")
        port = rest.partition(b":")[2]
    else:
        host, _colon, port = before.partition(b":")
    if not port:
        return host.lower(), 0
    if not port.isdigit() or int(port) > 65535:
        raise ValueError("no port")
    return host.lower(), int(port)


@lru_cache(maxsize=256)
def _host(host: bytes) -> bytes:
    """A host's name in ASCII, or its address as four numbers."""
    name = _unescaped(host)
    if not name.isascii():
        with suppress(ValueError):  # what can't be written in ASCII stays as it is, escaped
            name = name.decode("utf-8", "ignore").encode("idna")
    name = name.replace(b"..", b".").strip(b".")
    if name.isdigit():
        return socket.inet_ntoa((int(name) & 0xFFFFFFFF).to_bytes(4, "big")).encode()
    if _NUMBERS.fullmatch(name):
        with suppress(OSError):
            return socket.inet_ntoa(socket.inet_aton(name.decode())).encode()  # "1.2.3" is 1.2.0.3; nothing is asked
    return _escaped(name.lower()).lower()


def _path(path: bytes, *, below_host: bool) -> bytes:
    text = _unescaped(path)
    if below_host:
        steps: list[bytes] = []
        for step in text.split(b"/")[1:]:
            if step == b".." and steps:
                steps.pop()  # an empty step counts as one
            elif step != b".":
                steps.append(step)
        text = b"/" + b"/".join([*(step for step in steps[:-1] if step), *steps[-1:]])
    text = _escaped(text).lower()
    for session in _PATH_SESSIONS:
        match = session.fullmatch(text)
        if match is not None:
            text = match[1] + match[2]
    return text[:-1] if len(text) > 1 and text.endswith(b"/") else text


def _query(query: bytes) -> bytes:
    text = _escaped(_unescaped(query))
    for session in _SESSIONS:
        match = session.fullmatch(text)
        if match is not None:
            text = match[1] + (match[2] or b"")
    pairs = [item.split(b"=", 1) for item in text.lower().split(b"&")]
    return b"&".join(b"=".join(pair) for pair in sorted(pairs))


def _unescaped(text: bytes) -> bytes:
    """Percent signs resolved to the end."""
    for _round in range(_ROUNDS):
        plain = unquote_to_bytes(text)
        if plain == text:
            break
        text = plain
    return text


def _escaped(text: bytes) -> bytes:
    """Only what must be is escaped: what is no visible ASCII, and "#" and "%"."""
    return _MUST.sub(lambda match: b"%%%02x" % match[0][0], text)
