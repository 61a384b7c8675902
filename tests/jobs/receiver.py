"""Somebody on this machine who takes callbacks, well-behaved or not."""

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver(ThreadingHTTPServer):
    """Remembers path, headers and body of what it was sent; answers with each status in turn, the last one for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.statuses = [200]
        self.headers: dict[str, str] = {}
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self.before_answer: Callable[[], object] = lambda: None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
        self.server.before_answer()
        self.send_response(self.server.statuses.pop(0) if len(self.server.statuses) > 1 else self.server.statuses[0])
        self.send_header("location", f"http://{self.server.address}/elsewhere")
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Rude:
    """Takes one connection and says what it is told to, piece by piece, then nothing more until the other side leaves.

    Args:
        pieces: What to say.
        pause_s: Between two pieces.
    """

    def __init__(self, pieces: list[bytes], pause_s: float = 0.0) -> None:
        self._pieces = pieces
        self._left = threading.Event()
        self._pause_s = pause_s
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self.sent = 0
        self._thread = threading.Thread(target=self._talk)

    def __enter__(self) -> "Rude":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._thread.join()
        self._server.close()

    def _talk(self) -> None:
        connection, _ = self._server.accept()
        with connection:
            connection.settimeout(5)
            try:
                for piece in self._pieces:
                    connection.sendall(piece)
                    self.sent += len(piece)
                    self._left.wait(self._pause_s)
                while connection.recv(65_536):
                    pass
            except OSError:
                pass
