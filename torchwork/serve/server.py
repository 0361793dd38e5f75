"""Starts the server: finds a free port, says the address, opens the browser."""

from __future__ import annotations

import errno
import os
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import uvicorn

from torchwork.errors import RunFolderError, TorchworkError
from torchwork.serve.app import create_app
from torchwork.serve.ending import Server
from torchwork.serve.found import LARGEST, SUFFIXES, is_document
from torchwork.serve.guard import HTTP, Access
from torchwork.serve.token import kept_token
from torchwork.serve.workbench import Workbench

PORT = 6160
TRIES = 50
LOOPBACK = "127.0.0.1"
LOCAL = frozenset({LOOPBACK, "localhost", "::1"})
SHUTDOWN = 1  # seconds for open connections, so that Ctrl-C ends at once


def serve(
    folder: str | Path = ".",
    *,
    host: str = LOOPBACK,
    port: int | None = None,
    password: str = "",
    browser: bool = True,
    say: Callable[[str], object] = print,
) -> None:
    """Serves the workbench of a folder until Ctrl-C; `say` gets its address, and what is worth knowing.

    Raises:
        TorchworkError: there is no such folder, no free port, or a host beyond this machine without a password.
    """
    root, place = _opened(Path(folder))
    if host not in LOCAL and not password:
        raise TorchworkError(
            f"{host} can be reached from other machines: give --password too, or leave --host away to stay on this one"
        )
    listening, notes = _listen(host, port)
    number = listening.getsockname()[1]
    secret = {"password": password} if password else {"token": kept_token()}
    access = Access(_names(host, number), port=number, **secret)
    address = _address(host, number, place if password else {**place, "token": access.token})
    workbench = Workbench.open(root)
    config = uvicorn.Config(
        create_app(workbench, access),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN,
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # it saves nothing on one machine, and costs time and memory for each page
        server_header=False,
    )
    server = Server(config, workbench.worker.warm, workbench.close)
    with server.hearing():
        for line in (*notes, f"the workbench of {root}: {address}", "Ctrl-C ends it; trainings go on"):
            say(line)
        if browser:  # the socket listens already: the browser's first request waits until the server answers
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        server.run([listening])


def _opened(what: Path) -> tuple[Path, dict[str, str]]:
    """The folder to serve; of a document its own, with the document as the page's first place."""
    try:
        found = what.resolve(strict=True)
        place = {} if found.is_dir() else {"file": _document(found).name}
        folder = found.parent if place else found
        with os.scandir(folder):
            return folder, place
    except FileNotFoundError:
        raise RunFolderError(f"there is no folder {what}; give one that exists, or make it first") from None
    except (OSError, ValueError, RuntimeError) as error:  # symlinks in a circle too
        why = getattr(error, "strerror", None) or error
        raise RunFolderError(f"cannot open {what}: {why}; give a folder that you may read") from None


def _document(file: Path) -> Path:
    """A file that is to be opened: what is no document is refused, for its folder was not asked for."""
    if file.name == "run.json":
        raise TorchworkError(f"run.json is the record of a run, no document; give the folder of the run: {file.parent}")
    known = file.is_file() and file.suffix.lower() in SUFFIXES
    if not known or (file.suffix.lower() == ".json" and not _is_document(file)):
        raise TorchworkError(f"{file.name} is no document: expected a .yaml, .yml or .json with a model, or a folder")
    return file


def _is_document(file: Path) -> bool:
    return file.stat().st_size <= LARGEST and is_document(file.read_text("utf-8", "replace"))


def _address(host: str, port: int, params: dict[str, str]) -> str:
    """What a person opens: a document's own place when one was named."""
    page = "edit" if "file" in params else ""
    query = f"?{urlencode(params)}" if params else ""
    return f"http://{'localhost' if host in LOCAL else host}:{port}/{page}{query}"


def _listen(host: str, wanted: int | None) -> tuple[socket.socket, list[str]]:
    """A listening socket at the wanted port, or the next free one, with a word about it."""
    first = PORT if wanted is None else wanted
    if not 0 <= first < 65536:
        raise TorchworkError(f"expected a port of 0 to 65535, got {first}; leave --port away for the usual one")
    for number in range(first, min(first + TRIES, 65536)):
        try:
            listening = socket.create_server((host, number), family=_family(host))
            # asyncio does this for sockets whose protocol is named, which none of create_server is: without it every
            # answer waits 40 ms for the acknowledgement of its head.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                why = str(error.strerror).partition(" (while")[0]
                raise TorchworkError(f"cannot listen at {host}:{number}: {why}; give another --host") from None
            continue
        return listening, [f"port {first} is in use: {number} instead"] if number != first else []
    raise TorchworkError(f"the ports {first} to {first + TRIES - 1} are all in use; give another with --port")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _names(host: str, port: int) -> frozenset[str]:
    """Under which names a browser may call: on all interfaces any of this machine's."""
    names = set(LOCAL) - {"::1"} | {"[::1]"}
    if host in ("0.0.0.0", "::"):
        own = socket.gethostname()
        names |= {own, f"{own}.local", *_addresses(own)}
    elif host not in LOCAL:
        names.add(f"[{host}]" if ":" in host else host)
    bare = names if port == HTTP else set()
    return frozenset(name.lower() for name in (*bare, *(f"{name}:{port}" for name in names)))


def _addresses(name: str) -> set[str]:
    """The addresses of this machine, as far as they are known."""
    try:
        found = {str(item[4][0]) for item in socket.getaddrinfo(name, None)}
    except OSError:
        found = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it tells which address would be used
            found.add(probe.getsockname()[0])
        except OSError:
            pass
    return {f"[{item}]" if ":" in item else item for item in found}
