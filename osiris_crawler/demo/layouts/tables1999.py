"""SPIP 1.x: tables within tables, `<FONT>` and `<CENTER>`, tags in capitals, no class, hardly a closing tag.

What is hard about it: nothing has a name; title, headings and names of boxes are all `<FONT>` and `<B>`; paragraphs are
bare text with `<BR><BR>` between them, and a single `<BR>` is a hard line break within one; the right column (news with
teasers and full dates, figures) stands before the article in the source; there is no breadcrumb, no keyword and no
canonical address; counter, print links and the copyright line lie in the same cell as the text and its attribution; the
page says that it is windows-1252 and writes curly quotes and dashes as `&#146;`, which a browser reads as cp1252.
Headings are bold lines, lists and quotations have their elements, so that nothing is lost to an eye.
"""

from __future__ import annotations

import re
from html import escape
from html.entities import codepoint2name

from osiris_crawler.demo.layouts import around, view
from osiris_crawler.demo.layouts.view import NAME, TAGLINE, Layout, Page
from osiris_crawler.demo.pieces import Piece, french_day

_TAG = re.compile(r"</?[a-z][a-z0-9]*(?=[\s>/])")
_GREY = '<FONT FACE="Verdana,Arial" SIZE="1" COLOR="#666666">'


def draw(page: Page) -> str:
    """The page in ASCII: it reads the same under the server's UTF-8 and its own windows-1252."""
    title = f"[{NAME}] {page.title}" if page.kind != "home" else f"[{NAME}]"
    markup = (
        f'<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0 Transitional//EN">\n<HTML>\n<HEAD>\n<TITLE>{escape(title)}</TITLE>\n'
        '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=windows-1252">\n<META NAME="generator" CONTENT="SPIP 1.4.2">\n</HEAD>\n'
        '<BODY BGCOLOR="#FFFFFF" TEXT="#000000" LINK="#003399" VLINK="#003399">\n<CENTER>\n<TABLE WIDTH="760" BORDER="0" CELLPADDING="0" CELLSPACING="0">\n'
        f'<TR><TD COLSPAN="3" BGCOLOR="#003366"><A HREF="{escape(page.base)}"><FONT COLOR="#FFFFFF" SIZE="6"><B>{NAME}</B></FONT></A><BR><FONT COLOR="#FFFFFF" SIZE="2">{TAGLINE}</FONT>\n'
        f'<TR>\n<TD VALIGN="top" WIDTH="150" BGCOLOR="#EEEEEE">\n{_left(page)}\n<TD VALIGN="top" WIDTH="160" BGCOLOR="#F6F6E8">\n{_news(page)}\n'
        f'<TD VALIGN="top" WIDTH="450">\n<TABLE WIDTH="100%" BORDER="0" CELLPADDING="8"><TR><TD>\n{_content(page)}\n</TABLE>\n'
        f'<TR><TD COLSPAN="3"><HR SIZE="1"><CENTER>{_GREY}<A HREF="spip.php?page=plan">Plan du site</A> | {_capitals(view.traps(page))}</FONT></CENTER>\n</TABLE>\n</CENTER>\n{_capitals(view.CRON)}\n</BODY>\n</HTML>\n'
    )
    return _ascii(markup)


def _ascii(markup: str) -> str:
    """Every other letter as an entity, those of cp1252's upper rows by their number there."""
    out = []
    for letter in markup:
        code = ord(letter)
        if code < 128:
            out.append(letter)
        elif code < 256:
            out.append(f"&{codepoint2name[code]};")
        else:
            raw = letter.encode("cp1252", "ignore")
            out.append(f"&#{raw[0] if raw else code};")
    return "".join(out)


def _capitals(markup: str) -> str:
    return _TAG.sub(lambda match: match[0].upper(), markup)


def _left(page: Page) -> str:
    menu = "".join(
        f'<LI><A HREF="{escape(path)}"><FONT SIZE="2">{escape(title)}</FONT></A>\n' for title, path in around.top(page)
    )
    keywords = page.world.keywords()
    most = max((len(pieces) for pieces in keywords.values()), default=1)
    cloud = "<BR>\n".join(
        f'{len(pieces)}/{most} <A HREF="{escape(page.world.keyword_path(name))}">{escape(name)}</A>'
        for name, pieces in keywords.items()
    )
    return f'<FONT SIZE="2"><B>Sommaire</B></FONT>\n<UL>\n{menu}</UL>\n<FONT SIZE="2"><B>Par thème</B></FONT><BR>\n<FONT SIZE="1">{cloud}</FONT>'


def _news(page: Page) -> str:
    """Teasers of the newest articles, under full dates, and figures that move when the cache is emptied."""
    newest = "<P>\n".join(
        f'{_GREY}{french_day(piece.day)}</FONT><BR><A HREF="{escape(piece.path)}"><FONT SIZE="2"><B>{escape(piece.title)}</B></FONT></A><BR><FONT SIZE="2">{around.teaser(piece, view.TEASER)}</FONT>'
        for piece in [p for p in page.world.published() if p is not page.piece][:4]
    )
    figures = "<BR>".join(f"{120 + page.world.purges * 7 + n} 000 abonnés au service {n}" for n in range(1, 5))
    return (
        f'<FONT SIZE="4"><B>Dernières nouvelles</B></FONT><P>\n{newest}\n<P><TABLE BORDER="1" WIDTH="100%"><TR><TD BGCOLOR="#FFFFCC"><FONT SIZE="2"><B>Chiffres</B></FONT><BR>'
        f'<FONT SIZE="1">{figures}</FONT></TABLE>\n'
    )


def _content(page: Page) -> str:
    if page.kind == "article":
        return _article(page)
    title = f'<FONT SIZE="5"><B>{escape(page.title)}</B></FONT>'
    if page.kind == "plan":
        return f"{title}<P>{_capitals(view.tree(page)).replace('</LI>', '')}"
    if page.kind == "error":
        return '<FONT SIZE="5"><B>Erreur</B></FONT><P>Il n\'y a pas de page à cette adresse.'
    sections = "".join(f'<LI><A HREF="{escape(s.path)}">{escape(s.title)}</A>\n' for s in page.sections or [])
    entries = "\n".join(
        f'<TR><TD><A HREF="{escape(p.path)}"><FONT SIZE="3"><B>{escape(p.title)}</B></FONT></A><BR>{_GREY}{view.entry_day(p)}</FONT><BR><FONT SIZE="2">{view.teaser(p)}</FONT>'
        for p in page.entries or []
    )
    pages = " | ".join(f'<A HREF="{escape(address)}">{number}</A>' for number, address in view.pages(page))
    return f'{title}\n<UL>{sections}</UL>\n<TABLE CELLPADDING="4">\n{entries}\n</TABLE>\n<CENTER>{pages}</CENTER>'


def _article(page: Page) -> str:
    piece = page.piece
    assert piece is not None
    lead = f'<TR><TD><FONT SIZE="3"><B>{_inline(piece.lead)}</B></FONT>\n' if piece.lead else ""
    return (
        f'<FONT SIZE="5"><B>{escape(piece.title)}</B></FONT><BR>\n<I>{french_day(piece.day)}</I>\n<P ALIGN="right">{_GREY}<A HREF="#">[Imprimer]</A> <A HREF="#">[Envoyer]</A></FONT>\n'
        f'{lead}<TR><TD><FONT SIZE="3">\n{_pictures(piece)}{_text(piece)}\n{_after(piece)}</FONT><P>\n{_GREY}Article lu {around.reads(page)} fois<BR>\n© {NAME} 1999-{page.world.today.year} - Tous droits réservés</FONT>\n'
        f"{_foot(piece)}{_chain(page)}"
    )


def _inline(text: str) -> str:
    """A hard line break is one `<BR>`; a call to a note is an anchor."""
    out = escape(text, quote=False).replace("\n", "<BR>\n")
    return re.sub("\u00a0" + r"\[(\d+)\]", "\u00a0" + r'[<A HREF="#nb\1" NAME="nh\1">\1</A>]', out)


def _text(piece: Piece) -> str:
    """Blocks as bare text, two breaks between them; author and attribution are the last two."""
    parts: list[tuple[str, bool]] = []
    for block in piece.blocks:
        if block[0] == "list":
            parts.append(("<UL>" + "".join(f"<LI>{_inline(item)}\n" for item in block[1]) + "</UL>", True))
        elif block[0] == "table":
            rows = "".join("<TR>" + "".join(f"<TD>{escape(cell)}" for cell in row) + "\n" for row in block[2])
            parts.append(
                (f'<TABLE BORDER="1" CELLPADDING="3"><CAPTION>{escape(block[1])}</CAPTION>\n{rows}</TABLE>', True)
            )
        elif block[0] == "quote":
            parts.append((f"<BLOCKQUOTE><I>{_inline(block[1])}</I></BLOCKQUOTE>", True))
        else:
            text = _inline(block[1])
            parts.append((f"<B>{text}</B>" if block[0] == "h" else text, False))
    parts += [(text, False) for text in re.findall(r"<p>(.*?)</p>", view.attribution(piece))]
    out = ""
    for n, (text, block_like) in enumerate(parts):
        gap = "" if n == 0 else "\n" if block_like or parts[n - 1][1] else "<BR><BR>\n"
        out += gap + re.sub(r'<a href="([^"]*)"[^>]*>(.*?)</a>', r'<A HREF="\1" TARGET="_blank">\2</A>', text)
    return out


def _pictures(piece: Piece) -> str:
    """Pictures in a small table at the right, the caption in its second row."""
    return "".join(
        f'<TABLE ALIGN="right" BORDER="0" WIDTH="130"><TR><TD><A HREF="{escape(str(image["url"]))}"><IMG SRC="{escape(str(image["url"]).replace("IMG/png/", "local/cache-vignettes/L120xH80/"))}" '
        f'WIDTH="120" HEIGHT="80" BORDER="0"></A><TR><TD>{_GREY}{escape(str(image["title"]))}</FONT></TABLE>\n'
        for image in piece.images
    )


def _after(piece: Piece) -> str:
    parts = []
    if piece.kind == "breve":
        parts.append('<P><A HREF="http://ailleurs.example/suite">Lire la suite</A>\n')
    if piece.link:
        parts.append(f'<P>Voir en ligne : <A HREF="{escape(piece.link)}">{escape(piece.link)}</A>\n')
    parts.extend(
        f'<P><IMG SRC="squelettes/pdf.gif" WIDTH="32" HEIGHT="32"> <A HREF="{escape(str(document["url"]))}">{escape(str(document["title"]))}</A>\n'
        for document in piece.documents
    )
    return "".join(parts)


def _foot(piece: Piece) -> str:
    """Post-scriptum and notes in cells of their own."""
    ps = (
        f'<TR><TD><FONT SIZE="2"><B>P.-S.</B></FONT><BR><FONT SIZE="2">{_inline(piece.ps)}</FONT>\n' if piece.ps else ""
    )
    notes = "<BR><BR>\n".join(
        f'[<A HREF="#nh{n}" NAME="nb{n}">{n}</A>] {_inline(note)}' for n, note in enumerate(piece.notes, 1)
    )
    return f'{ps}<TR><TD><HR SIZE="1" WIDTH="40%" ALIGN="left"><FONT SIZE="1">{notes}</FONT>\n' if notes else ps


def _chain(page: Page) -> str:
    before, after = around.neighbours(page)
    links = [
        f'<A HREF="{escape(piece.path)}">{sign} {escape(piece.title)}</A> ({french_day(piece.day)})'
        for sign, piece in (("&lt;&lt;", before), ("&gt;&gt;", after))
        if piece is not None
    ]
    return f'<TR><TD BGCOLOR="#EEEEEE"><FONT SIZE="2">{"<BR>".join(links)}</FONT>\n' if links else ""


LAYOUT = Layout("tables1999", draw)
