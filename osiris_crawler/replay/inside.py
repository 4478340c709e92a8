"""Runs in pywb's environment, never in ours: pywb's wayback over one collection, shut in on this machine.

    python -I inside.py FOLDER PORT

FOLDER holds config.yaml and what it names; 0 stands for any free port. The port is written to FOLDER/port once it is
bound. The process ends, and removes FOLDER, when its standard input does: with the one who started it, however it ended.
"""

from __future__ import annotations

import _thread
import importlib
import ipaddress
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

# Pages may load what the archive holds and nothing else, whatever escapes the rewriting of their addresses.
POLICY = "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; form-action 'self'; base-uri 'self'"
# Headers of the archived answer by which a browser would go elsewhere; pywb lets them through.
_LEADING_OUT = frozenset(
    {"link", "location", "refresh", "report-to", "reporting-endpoints", "nel", "sourcemap", "alt-svc"}
)
_CONNECTING = ("socket.connect", "socket.sendto", "socket.sendmsg")
_RESOLVING = ("socket.getaddrinfo", "socket.gethostbyname")

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def is_here(host: object) -> bool:
    """Whether a host is this machine by its loopback address or name."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is None or name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: nothing in this process connects to another machine, or asks for the address of one."""
    if event in _RESOLVING:
        host = arguments[0]
    elif event in _CONNECTING and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not is_here(host):
        sys.stderr.write(f"kept from reaching {host}\n")
        raise PermissionError(13, f"replay reaches nothing but this machine, not {host}")


def kept_in(headers: list[tuple[str, str]], hosts: Iterable[str]) -> list[tuple[str, str]]:
    """An answer's headers with POLICY, and with no way out: what leads elsewhere is kept under another name."""
    last_link = max((n for n, (name, _value) in enumerate(headers) if name.lower() == "link"), default=-1)
    memento = any(name.lower() == "memento-datetime" for name, _value in headers)
    ours = tuple(f"http://{host}/" for host in hosts)
    kept = []
    for n, (name, value) in enumerate(headers):
        low = name.lower()
        # pywb's own links to other captures come last; a redirect within the replay is one to ourselves.
        stays = (n == last_link and memento) or (low == "location" and value.startswith(ours))
        if low in _LEADING_OUT and not stays:
            kept.append((f"X-Archive-Orig-{name}", value))
        elif low != "content-security-policy":
            kept.append((name, value))
    return [*kept, ("Content-Security-Policy", POLICY), ("X-DNS-Prefetch-Control", "off")]


def guarded(application: Application, hosts: Iterable[str]) -> Application:
    """pywb behind two doors: only requests to these names of ours come in (no other site's name that was pointed to
    127.0.0.1), and only answers that lead nowhere else go out."""
    names = frozenset(hosts)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("HTTP_HOST") not in names:
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"Replay answers at 127.0.0.1 alone.\n"]

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, kept_in(headers, names), *more)

        return application(environ, start)

    return answer


def _end_with_parent(folder: str) -> None:
    while os.read(0, 1024):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def main(folder: str, port: int) -> None:
    """Serve until standard input ends."""
    _thread.start_new_thread(_end_with_parent, (folder,))  # a plain thread: gevent knows nothing of it
    sys.addaudithook(stay_here)
    os.chdir(folder)
    frontend = importlib.import_module("pywb.apps.frontendapp")  # first: gevent changes the standard library
    servers = importlib.import_module("pywb.utils.geventserver")
    suffixes: Any = importlib.import_module("tldextract")
    # It would fetch the list of public suffixes for the first cookie that names a domain.
    suffixes.extract = suffixes.TLDExtract(cache_dir=None, suffix_list_urls=())
    hosts: set[str] = set()
    application = frontend.FrontEndApp(config_file="config.yaml")

    def entrance(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return guarded(application, hosts)(environ, start_response)

    server = servers.GeventServer(
        entrance, port=port, hostname="127.0.0.1", handler_class=servers.RequestURIWSGIHandler
    )
    quiet = open(os.devnull, "w")  # noqa: SIM115, PTH123 - until the end; what is read stays the reader's affair
    server.server.log = application.warcserver_server.server.log = quiet
    hosts.update(f"{name}:{server.port}" for name in ("127.0.0.1", "localhost"))
    Path("port.part").write_text(str(server.port), "ascii")
    Path("port.part").replace("port")
    server.join()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
