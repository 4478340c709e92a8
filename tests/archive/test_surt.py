"""SURT keys against the reference package `surt`, which lives in the tools' environment (it is under the AGPL).

Every key is equal, or the address stands in DIFFERENCES, for one of these reasons:

* more than a hundred layers of escapes: the reference unfolds them all, at a cost that grows with their square;
* an address that the reference can't read (a port that is none): cdxj-indexer then takes the address itself as the key;
  ours escapes its spaces, since a key ends at the first one, and all else that is no visible ASCII.

And one that can't be listed: a host that looks like numbers and is no IP address ("10.0.0.300") is looked up in the DNS
by the reference; what the DNS says is no property of the address, so ours asks nobody.
"""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest

from osiris_crawler.archive.surt import _one_word, surt

TOOLS = Path(__file__).resolve().parent.parent.parent / ".venv-tools" / "bin" / "python"
REFERENCE = """
import json, sys
from surt import surt
keys = []
for url in json.load(sys.stdin):
    try:
        keys.append(surt(url))
    except Exception:
        keys.append(None)
json.dump(keys, sys.stdout)
"""
_LAYERS = "http://a.sn/" + "%" + "25" * 150 + "41"
DIFFERENCES = {
    _LAYERS: None,  # whatever it is
    "http://a b:port/c d": "http://a%20b:port/c%20d",
}
A32, A24 = "0123456789abcdefABCDEF0123456789", "abcdefghijklmnopqrstuvwx"
ADDRESSES = [
    *(f"http://{host}/" for host in """
      osiris.sn www.osiris.sn WWW.OSIRIS.SN www2.osiris.sn www12345.osiris.sn www.www.osiris.sn www.osiris.sn. .osiris.sn osiris..sn
      a...b wwwosiris.sn ww.osiris.sn www-2.osiris.sn www. www localhost a_b.sn -a.sn a,b.sn é.sn ÉTÉ.sn été.osiris.sn xn--t-9fab.sn
      %C3%A9t%C3%A9.sn %41.sn a%2eb.sn a%00b 日本.jp ß.de a%ff.sn b\u00fccher.example \u0130stanbul.example a\u200db.sn 127.0.0.1 127.1 0177.0.0.1
      0177.1 1.2.3 3232235777 0 017700000001 99999999999 4294967296 1.2.3.4.5 192.168.000.001 0x7f.0.0.1 [::1] [2001:DB8::1] [fe80::1%25eth0]
      [::ffff:1.2.3.4] a:80 a:443 a:8080 a: a:: a:0 a:080 a:00080 a:65535 a:65536 a:port a:-1 u@a u:p@a u:p@a:8080 u:p:q@a u@v@a @a :@a
      u%40v@a a:80:80 [::1]:80 [::1]:8080 [::1]: [::1 ]::1[ a%3a80 a%2fb a%20b a$b a*b a'b""".split()),
    *(f"https://osiris.sn{port}/" for port in ("", ":80", ":443", ":8443", ":0443")),
    *(f"http://www.osiris.sn{path}" for path in (
      "", "/", "//", "///", "/a", "/a/", "/a//", "//a", "/a//b", "/a/./b", "/a/../b", "/../a", "/../../a", "/a/..", "/a/../..", "/.", "/..",
      "/...", "/a/.b", "/a/b/../../../c", "/./", "/a/%2e%2e/b", "/a%2fb", "/a%2Fb/", "/%2F%2F", "/a;b", "/a,b", "/a:b", "/a@b", "/a+b",
      "/a=b", "/a&b", "/a!b", "/a$b", "/a'b", "/a(b)", "/a*b", "/a~b", "/a%7eb", "/a|b", "/a^b", "/a`b", "/a{b}", "/a[b]", "/a\\b",
      "/a\\..\\b", '/a"b', "/a<b>", "/a b", "/a%20b", "/a%2520b", "/a%252520b", "/a%", "/a%z", "/a%2", "/a%25", "/a%00", "/a%0a", "/a%0Ab",
      "/a\tb", "/a\nb", "/a\x7fb", "/a\x0bb", "/a\x1fb", "/é", "/%C3%A9", "/%c3%a9", "/%E9", "/É", "/e\u0301", "/a\u00a0b", "/a\u2028b",
      "/日本", "/\U0001f600", "/A/B/C.HTML", "/%41", "/%61", "/a%23b", "/a%3fb", "/a%3Fb?c", "/" + "x" * 5000, "/" + "a/" * 800,
      "/Surtaxe-sur-les-appels,7380.html", "/+Contentieux-Millicom-Etat-du,4330+.html", "/-2007-.html", "/-Mars-2024-.html",
      "/+-Point-de-vue-+.html", "/+-M%C3%A9dias-R%C3%A9seaux-sociaux-+.html", "/_Nom_.html", "/@Nom@.html", "/Le-site-d-Osiris-et-Batik-font.html",
      "/IMG/pdf/rapport_2015-2.pdf", "/spip.php", "/index.php", "/backend.html", "/7380", "/article7380.html",
      f"/(a({A24}))/x.aspx", f"/({A24})/x.aspx", f"/({A24})/x.html", f"/a/({A24})/b.aspx/c", f"/(a({A24})b({A24}))/x.aspx?y",
    )),
    *(f"http://osiris.sn/spip.php?{query}" for query in (
      "", "?", "&", "&&", "=", "==", "a", "a=", "a=b", "=b", "a&b", "b&a", "b=1&a=2", "a=2&a=1", "a=10&a=9", "a&a=", "a=&a", "a==b", "a=b=c",
      "article123", "rubrique45", "page=article&id_article=7", "id_article=7&page=article", "page=backend", "debut_articles=10",
      "debut_articles=620&debut_autres=10", "page=login&url=spip.php%3Farticle7", "lang=fr", "var_mode=recalcul", "A=B", "%41=%42", "a=%26",
      "a=%3D", "a=%23", "a=%25", "a=%2526", "a=+", "a=%20", "a= b", "a=é", "a=%C3%A9", "a=%E9", "a=?b", "a=/x/../y", "a;b", "b;a", "a[]=2&a[]=1",
      "a=b#c", "a#b?c", "#", "a=http://x.y/?z", f"PHPSESSID={A32}", f"a&PHPSESSID={A32}&b", f"phpsessid={A32}", f"PHPSESSID={A32[:31]}",
      f"PHPSESSID={A32}x", f"sid={A32}", f"a=1&sid={A32}", f"xsid={A32}&b", f"sid={A32}&sid={A32}", f"jsessionid={A32}&a",
      f"ASPSESSIONIDabcdefgh={A24}", "cfid=1&cftoken=2", "a&cfid=1&cftoken=2&b", "cfid=1&cftoken=", "x" * 3000,
    )),
    *f"""
      http:///a http:////a/b http:///www.a.sn:80/b http://// https:///x/y HTTP:///a HTTP://A/ Https://A/B FTP://A/B ftp://www.a.sn/b
      http://https://a.sn/ https://http://a.sn/b http://http://http://a.sn http:a http:/a http:a/b http: http:// http://? http://# http:?a
      http://a?b http://a#b http://a.sn?b=1 http://a?
      a.sn www.a.sn/b?c a.sn:8080/b /a/b ?a #a //a.sn/b a/b a@b.sn mailto:A@B.sn mailto:a@b.sn?subject=X urn:uuid:6A6B urn:osiris:ids
      urn:a/../b urn:x/ urn:x?b&a dns:www.a.sn dns:a.sn dns://www.a.sn/x filedesc:a.arc filedesc://A.arc.gz warcinfo:a warcinfo:/A.warc.gz/x
      metadata://a.sn/x screenshot:http://www.a.sn/ data:text/html,A javascript:a() file:///A/B whois://whois.a.sn/x ws://a.sn/ x-a+b.c://h/p
      about:blank http://a.sn/#/route http://a.sn/x;jsessionid={A32} http://a.sn/x;jsessionid={A32}?y""".split(),
    "-", " http://a.sn/ ", "\thttp://a.sn/\n", "http://a.sn/\r\nb", "\u00a0http://a.sn/", " ", "http://a b.sn/c", "ht tp://a/", "1http://a/",
    "http://a.sn\\b", "http://a.sn\\@b.sn/", "http:\\\\a.sn\\b",
]  # fmt: skip


def reference(addresses: list[str]) -> list[str | None]:
    """The reference's keys; None where it can't read an address."""
    if not TOOLS.exists():
        pytest.fail(f"{TOOLS} is not there: run “make peers”")
    done = subprocess.run(
        [TOOLS, "-c", REFERENCE], input=json.dumps(addresses), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    keys: list[str | None] = json.loads(done.stdout)
    assert len(keys) == len(addresses)
    return keys


def made(count: int, seed: int) -> list[str]:
    """Addresses out of a grammar of all that is odd in addresses."""
    chance = random.Random(seed)
    hosts = """
      osiris.sn www.osiris.sn WWW2.Osiris.SN a..b été.fr %C3%A9.fr 日本.jp 127.0.0.1 0177.1 1.2 [::1] [2001:db8::1] localhost a_b.c
      www www. a,b.c .a.b. 3232235777""".split()
    words = ["", " ", "\t", "\x7f", *r"""
      spip.php Surtaxe,7380.html +-Titre-+.html -2007-.html +Brève,43+.html é %C3%A9 %e9 %25 %2525 %20 .. . A %2F %3F %23 \\ ; ~
      %7e % %zz 日本 ' " < > | ^ ` { } [x] * : @ ! $ = & %26 %00 %ff (a(abcdefghijklmnopqrstuvwx)) x.aspx""".split()]
    pairs = ["", "a b", *f"""
      article123 a=1 b id= =x B=2 a=10 a=2 page=é x=%20 x=+ sid={A32} PHPSESSID={A32} jsessionid={A32} cfid=1&cftoken=2
      ASPSESSIONIDabcdefgh={A24} b=1=2 %61=1 q=a?b z=%26 z=/x/../y & ; é %ff %2525""".split()]

    def one() -> str:
        path = "".join(
            "/" + "".join(chance.choice(words) for _n in range(chance.randint(0, 2))) for _n in range(chance.randint(0, 4))
        )
        query = "?" + "&".join(chance.choice(pairs) for _n in range(chance.randint(0, 4))) if chance.random() < 0.6 else ""
        return (
            chance.choice(["http", "http", "https", "HTTP", "ftp", "dns", "x-y"])
            + chance.choice(["://", "://", "://", "://", "://", "://", "://", ":///", ":////", ":/", ":"])
            + chance.choice(["", "", "", "u@", "u:p@", "u:p:q@", "@", "u@v@"])
            + chance.choice(hosts)
            + chance.choice(["", "", "", ":80", ":443", ":8080", ":", ":080", ":0", ":x"])
            + path
            + query
            + chance.choice(["", "", "#f", "#", "#a?b"])
        )

    return [one() for _n in range(count)]


@pytest.mark.parametrize(("addresses", "least"), [(ADDRESSES, 320), (made(6000, 3), 6000)], ids=["table", "made"])
def test_every_key_is_the_reference_s(addresses: list[str], least: int) -> None:
    assert len(addresses) >= least
    theirs = reference(addresses)
    assert theirs.count(None) < len(addresses) // 5
    differing = [
        (url, surt(url), key)
        for url, key in zip(addresses, theirs, strict=True)
        if surt(url) != (_one_word(url) if key is None else key)
    ]
    assert differing == []


def test_where_ours_differs() -> None:
    for (url, key), other in zip(DIFFERENCES.items(), reference(list(DIFFERENCES)), strict=True):
        assert surt(url) != other
        if key is not None:
            assert surt(url) == key
    assert surt("http://10.0.0.300/") == "300,0,0,10)/"


def test_a_key_is_one_word_of_ascii() -> None:
    for url in [*ADDRESSES, *made(500, 5)]:
        key = surt(url)
        assert key.isascii() or ":" in key  # an address that could not be read stands as it is
        assert " " not in key
