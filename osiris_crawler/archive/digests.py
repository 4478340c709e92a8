"""Digests as WARC headers write them: algorithm, colon, value in base32 or hexadecimal."""

from __future__ import annotations

import hashlib
import re

_SIZES = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
# int() reads digits of base 32 at the speed of C, but with another alphabet than RFC 4648's.
_DIGITS = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567abcdefghijklmnopqrstuvwxyz",
    "0123456789ABCDEFGHIJKLMNOPQRSTUV0123456789ABCDEFGHIJKLMNOP",
)
_HEX = re.compile(r"[0-9A-Fa-f]+")
_BASE32 = re.compile(r"[A-Za-z2-7]+")


def parse(text: str) -> tuple[str, bytes] | None:
    """(algorithm, value) of a digest; None for what is none or of an algorithm that is not known here."""
    name, colon, value = text.strip().partition(":")
    algorithm = name.strip().lower().replace("-", "")
    size = _SIZES.get(algorithm)
    if not colon or size is None:
        return None
    value = value.strip().rstrip("=")
    raw = _base16(value) if len(value) == 2 * size else _base32(value, size)
    return None if raw is None else (algorithm, raw)


def _base16(value: str) -> bytes | None:
    return bytes.fromhex(value) if _HEX.fullmatch(value) else None


def _base32(value: str, size: int) -> bytes | None:
    """RFC 4648, 6; the bits that fill up the last digit are none of the value's."""
    if not _BASE32.fullmatch(value) or len(value) != -(-size * 8 // 5):
        return None
    return (int(value.translate(_DIGITS), 32) >> (len(value) * 5 - size * 8)).to_bytes(size)


def matches(text: str, data: bytes) -> bool | None:
    """Whether data has a digest; None when the digest can't be read."""
    if len(text) == 37 and text.startswith("sha1:") and _BASE32.fullmatch(text, 5):
        # As nearly all are written; hundreds of thousands of them are looked at.
        return hashlib.sha1(data, usedforsecurity=False).digest() == int(text[5:].translate(_DIGITS), 32).to_bytes(20)
    parsed = parse(text)
    if parsed is None:
        return None
    algorithm, value = parsed
    return hashlib.new(algorithm, data, usedforsecurity=False).digest() == value
