"""The upstream origin, against a server on this machine."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from pytest_rtopt.base.errors import SourceError
from pytest_rtopt.sources import upstream
from pytest_rtopt.sources.pins import Upstream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DATA = bytes(range(256)) * 1000


class Handler(BaseHTTPRequestHandler):
    """Serves DATA whole, or breaks off in the middle."""

    def do_GET(self) -> None:
        """Answer one request."""
        if self.path not in {"/whole.tar.gz", "/broken.tar.gz"}:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA if self.path == "/whole.tar.gz" else DATA[:1000])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
        """Keep the test's output clean."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http_server:
        thread = threading.Thread(target=http_server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http_server.server_port}"
        http_server.shutdown()
        thread.join()


def test_a_file_is_downloaded_under_its_own_name(server: str, tmp_path: Path) -> None:
    file = upstream.download(Upstream(f"{server}/whole.tar.gz"), tmp_path)
    assert file == tmp_path / "whole.tar.gz"
    assert file.read_bytes() == DATA


def test_a_broken_connection_is_not_mistaken_for_another_hash(server: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=f"after 1000 of {len(DATA)} bytes"):
        upstream.download(Upstream(f"{server}/broken.tar.gz"), tmp_path)


def test_a_missing_file_says_what_the_server_said(server: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="404"):
        upstream.download(Upstream(f"{server}/gone.tar.gz"), tmp_path)
