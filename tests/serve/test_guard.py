"""Attacks on the server: other names of this host, other sites, no token, paths that lead out of the folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from httpx import Client, Response
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from torchwork.record import EventWriter, RunFolder
from torchwork.serve.app import create_app
from torchwork.serve.guard import Access
from torchwork.serve.server import _names
from torchwork.serve.workbench import Workbench

from .inprocess import TestClient
from .served import DOCUMENT, served

EVIL = "evil.example"
READS = ("/api/document?path=", "/api/document?run=", "/api/run?run=", "/api/contents?run=", "/api/console?run=")


def host(client: Client) -> str:
    return client.base_url.netloc.decode()


def token(client: Client) -> str:
    return client.headers["authorization"].removeprefix("Bearer ")


@pytest.fixture
def stranger(client: Client) -> Iterator[Client]:
    """Somebody without the token."""
    with Client(base_url=client.base_url) as other:
        yield other


def refused(answer: Response, status: int) -> bool:
    """Whether that is a refusal in the one shape, which gives nothing away."""
    return answer.status_code == status and set(answer.json()) == {"message", "problems"} and "/" not in answer.text


# Who asks.


@pytest.mark.parametrize(
    "name",
    [
        EVIL,
        f"{EVIL}:6160",
        "localhost",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.1.nip.io:6160",
        "",
        "user@127.0.0.1",
        "[::1]",
    ],
)
def test_another_name_of_this_host_is_refused(client: Client, name: str) -> None:
    """DNS rebinding: a page of another site whose name was made to point here."""
    for path in ("/", "/api/session", "/api/runs", "/assets/index.js", "/login"):
        assert refused(client.get(path, headers={"host": name}), 403)


def test_without_the_token_nothing_is_told(stranger: Client) -> None:
    for path in (
        "/",
        "/api/session",
        "/api/runs",
        "/runs/first",
        "/favicon.svg",
        "/api/unknown",
        "/docs",
        "/openapi.json",
    ):
        assert refused(stranger.get(path), 401)
    for path in ("/api/jobs", "/api/check", "/api/runs/delete", "/api/live", "/login"):
        assert refused(stranger.post(path, json={}), 401)


@pytest.mark.parametrize(
    "wrong",
    [
        {"authorization": "Bearer x"},
        {"authorization": "Basic eDp4"},
        {"authorization": "Bearer ü"},
        {"cookie": "torchwork=1"},
        {"cookie": '=;;;"='},
    ],
)
def test_a_wrong_token_opens_nothing(stranger: Client, wrong: dict[str, str]) -> None:
    headers = {name: value.encode("latin-1") for name, value in wrong.items()}
    assert refused(stranger.get("/api/session", headers=headers), 401)
    assert refused(stranger.get("/api/session", params={"token": ""}), 401)
    assert refused(stranger.get("/api/session", params={"token": "é\0"}), 401)


def test_the_token_of_the_address_becomes_a_cookie_that_scripts_cannot_read(client: Client, stranger: Client) -> None:
    answer = stranger.get("/api/session", params={"token": token(client)})
    assert answer.status_code == 200
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
    assert stranger.get("/api/session").status_code == 200  # the client keeps cookies, as a browser does
    assert "set-cookie" not in stranger.get("/api/session").headers


def test_at_port_80_browsers_leave_the_port_away(root: Path) -> None:
    names = _names("127.0.0.1", 80)
    assert names >= {"localhost", "localhost:80", "127.0.0.1", "[::1]"}
    assert "localhost" not in _names("127.0.0.1", 8080)
    access, workbench = Access(names, port=80), Workbench.open(root)
    with TestClient(create_app(workbench, access), base_url="http://localhost") as client:
        answer = client.get("/api/session", params={"token": access.token}, headers={"origin": "http://localhost"})
    assert answer.status_code == 200
    assert answer.headers["set-cookie"].startswith("torchwork-80=")


def test_cookies_of_other_servers_of_this_host_do_no_harm(client: Client, stranger: Client) -> None:
    stranger.cookies.set("torchwork-1", "of another port")
    stranger.cookies.set("odd", 'a b;c="d')
    stranger.get("/api/session", params={"token": token(client)})
    assert stranger.get("/api/session").status_code == 200


@pytest.mark.parametrize(
    "origin", [f"http://{EVIL}", "https://127.0.0.1", "null", "http://localhost:1", "file://", "x"]
)
def test_pages_of_other_sites_are_refused(client: Client, root: Path, origin: str) -> None:
    headers = {"origin": origin}
    assert refused(client.get("/api/runs", headers=headers), 403)
    for answer in (
        client.post("/api/jobs", json={"document": "experiment.yaml"}, headers=headers),
        client.delete("/api/document", params={"path": "experiment.yaml"}, headers=headers),
        client.put("/api/document", json={"path": "experiment.yaml", "text": "", "force": True}, headers=headers),
        client.options("/api/jobs", headers={**headers, "access-control-request-method": "POST"}),
    ):
        assert refused(answer, 403)
        assert "access-control-allow-origin" not in answer.headers
    assert (root / "experiment.yaml").read_text() == DOCUMENT


def test_forms_of_other_sites_are_refused(client: Client) -> None:
    for site in ("cross-site", "same-site"):
        headers = {"sec-fetch-site": site, "content-type": "text/plain"}
        assert refused(client.post("/api/jobs", content="{}", headers=headers), 403)
    own = {"sec-fetch-site": "same-origin", "origin": f"http://{host(client)}"}
    assert client.get("/api/jobs", headers=own).status_code == 200


def test_a_socket_needs_the_token_and_the_own_page(client: Client) -> None:
    address = f"ws://{host(client)}/api/live"
    good = {"authorization": client.headers["authorization"]}
    with connect(address, additional_headers=good) as socket:
        assert json.loads(socket.recv())["type"] == "hello"
    for headers, origin in (
        ({}, None),
        (good, f"http://{EVIL}"),
        (good, "null"),
        ({"authorization": "Bearer x"}, None),
    ):
        with pytest.raises((InvalidStatus, ConnectionClosed)):  # noqa: SIM117 - the second is the one that fails
            with connect(address, additional_headers=headers, origin=origin) as socket:
                socket.recv()
    with pytest.raises((InvalidStatus, ConnectionClosed)):  # noqa: SIM117
        with connect(address, additional_headers={**good, "sec-fetch-site": "cross-site"}) as socket:
            socket.recv()


def test_every_answer_forbids_what_the_page_does_not_need(client: Client) -> None:
    for answer in (client.get("/"), client.get("/api/runs"), client.get("/api/gone")):
        assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"


def test_a_password_is_asked_for_where_others_can_reach_the_server(root: Path) -> None:
    with served(root, password="open sesame ü") as client, Client(base_url=client.base_url) as other:
        assert (other.get("/").status_code, "password" in other.get("/").text) == (401, True)
        assert refused(other.get("/api/runs"), 401)
        assert other.post("/login", data={"password": "x"}).status_code == 401
        assert other.post("/login", content=b"password=" + b"x" * 100_000).status_code in (401, 413)
        assert other.get("/api/runs").status_code == 401
        entered = other.post("/login", data={"password": "open sesame ü"})
        assert entered.status_code == 303
        assert other.get("/api/runs").status_code == 200


# Where to.


@pytest.fixture
def outside(root: Path) -> Path:
    """A secret beside the opened folder: a document, a run, and symlinks to them from within."""
    beside = root.parent / "secret"
    run = RunFolder.create(beside, "run")
    (run.path / "experiment.yaml").write_text("name: SECRET\n")
    (run.path / "console.log").write_text("SECRET")
    with EventWriter(run.path) as writer:
        writer.scalars(1, {"SECRET": 1.0})
    (beside / "secret.yaml").write_text("torchwork: 1\nname: SECRET\n")
    (root / "link.yaml").symlink_to(beside / "secret.yaml")
    (root / "linked").symlink_to(beside)
    (root / "linked-run").symlink_to(run.path)
    hollow = RunFolder.create(root / "runs", "hollow").path
    for name in ("experiment.yaml", "console.log"):
        (hollow / name).symlink_to(run.path / name)
    return beside


def places(outside: Path) -> list[str]:
    """Ways to the secrets, and names that break file systems."""
    up = [f"{dots}/secret/{name}" for dots in ("..", "./..", "x/../..") for name in ("secret.yaml", "run-1")]
    absolute = [str(outside / "secret.yaml"), str(outside / "run-1"), f"//{outside}/run-1", f"file://{outside}/run-1"]
    links = ["link.yaml", "linked/secret.yaml", "linked/run-1", "linked-run", "linked-run/experiment.yaml"]
    encoded = ["..%2fsecret%2fsecret.yaml", "%2e%2e/secret/run-1", "..%c0%afsecret", "..\\secret\\run-1", "~", "~/.ssh"]
    odd = [
        "\0",
        "a\0.yaml",
        "x" * 300,
        "x" * 100_000,
        "x/" * 5000,
        "ü" * 200,
        "\ud83d".encode("utf-8", "replace").decode(),
    ]
    return [*up, *absolute, *links, *encoded, *odd, "", "/", "C:\\x", "con", "runs/..", "\n", "%00"]


def test_no_address_reads_what_lies_outside(client: Client, outside: Path) -> None:
    for given in places(outside):
        for address in READS:
            answer = client.get(f"{address}{quote(given, safe='')}") if len(given) < 50_000 else None
            if answer is not None:
                assert answer.status_code in (400, 403, 404), (address, given, answer.text)
                assert "SECRET" not in answer.text
                assert str(outside.parent) in given or str(outside.parent) not in answer.text
    for path in (
        "/../secret/secret.yaml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../app.py",
        "/assets/%2e%2e/%2e%2e/app.py",
    ):
        answer = client.get(client.base_url.copy_with(raw_path=path.encode()))
        assert "SECRET" not in answer.text and "root:" not in answer.text and "def create_app" not in answer.text


def test_a_name_may_have_any_character(client: Client) -> None:
    for name in ("🙂 \u202e形.yaml", "a?b#c&d=e%20f.yaml", "'\"<b>.yaml", "e\u0301/ü.yaml", "x" * 250 + ".yaml"):
        made = client.post("/api/documents", json={"path": name, "template": "shapes"})
        assert (made.status_code, made.json()["path"]) == (200, name)
        assert client.get("/api/document", params={"path": name}).json() == made.json()
        assert name in [item["path"] for item in client.get("/api/documents").json()]


def test_nothing_outside_is_listed(client: Client, outside: Path) -> None:
    assert [item["path"] for item in client.get("/api/documents").json()] == ["experiment.yaml"]
    [run] = client.get("/api/runs").json()
    assert run["id"] == "runs/hollow-1"
    assert "SECRET" not in str(run)
    for address in READS:
        assert "SECRET" not in client.get(f"{address}runs/hollow-1").text
    for answer in (
        client.get("/api/export?run=runs/hollow-1&to=script"),
        client.post("/api/predict?run=runs/hollow-1", content=b"x"),
    ):
        assert answer.status_code == 403


def test_no_address_changes_what_lies_outside(client: Client, outside: Path, root: Path) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}

    before, own = content(outside), set(root.iterdir())
    for given in (place for place in places(outside) if place not in ("C:\\x", "con") and len(place) < 50_000):
        query = f"run={quote(given, safe='')}"
        for answer in (
            client.put("/api/document", json={"path": given, "text": "x", "force": True}),
            client.post("/api/documents", json={"path": given, "template": "shapes"}),
            client.delete(f"/api/document?path={quote(given, safe='')}"),
            client.patch(f"/api/run?{query}", json={"notes": "x"}),
            client.post("/api/runs/delete", json={"runs": [given]}),
            client.post("/api/jobs", json={"document": given}),
            client.post(f"/api/runs/stop?{query}"),
            client.post(f"/api/runs/resume?{query}"),
            client.post(f"/api/predict?{query}", content=b"x"),
            client.get(f"/api/samples?{query}"),
            client.get(f"/api/export?{query}&to=script"),
        ):
            assert answer.status_code in (400, 403, 404, 422), (given, answer.request.url, answer.text)
            assert "SECRET" not in answer.text
    assert content(outside) == before
    assert {path.name for path in set(root.iterdir()) - own} <= {".torchwork"}
