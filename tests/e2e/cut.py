"""The wire between a kiosk and its store, which a test may cut, mend, or let lose one answer."""

import contextlib
import socket
import threading
from collections.abc import Callable


class Wire:
    """A relay on a loopback port. Cut, it refuses connections and ends those that are open."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._whole = True
        self._lose: Callable[[bytes], bool] | None = None
        self._lost = threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut the wire."""
        with self._lock:
            self._whole = False
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
            self._open.clear()

    def mend(self) -> None:
        """Join it again."""
        self._whole = True

    def lose_answer_to(self, words: bytes) -> threading.Event:
        """Let the next request that holds ``words`` reach the store, and its answer never come back."""
        self._lost = threading.Event()
        self._lose = lambda sent: words in sent
        return self._lost

    def close(self) -> None:
        """End for good."""
        self._door.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            if not self._whole:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._to), timeout=2)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._open |= {near, far}
            asked = threading.Event()  # set while the answer to come shall be lost
            threading.Thread(target=self._carry, args=(near, far, asked, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, asked, False), daemon=True).start()

    def _carry(self, source: socket.socket, to: socket.socket, losing: threading.Event, is_question: bool) -> None:  # noqa: FBT001 - a thread's arguments
        try:
            while data := source.recv(65536):
                lose = self._lose
                if is_question and lose is not None and lose(data):
                    self._lose = None
                    losing.set()
                if not is_question and losing.is_set():
                    self._lost.set()
                    break
                to.sendall(data)
        except OSError:
            pass
        for end in (source, to):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
            with self._lock:
                self._open.discard(end)
