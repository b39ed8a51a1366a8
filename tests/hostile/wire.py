"""Bytes to a server and back, without a client in between that would correct them."""

import socket

TIMEOUT = 30.0


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def exchange(port: int, raw: bytes, timeout: float = TIMEOUT) -> bytes:
    """Send these bytes, end the sending side, read until the server closes.

    Raises TimeoutError where it does not; a reset after an answer is no failure.
    """
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as client:
        try:
            client.sendall(raw)
            client.shutdown(socket.SHUT_WR)
        except TimeoutError:
            raise
        except OSError:
            pass  # it may have answered and closed already
        try:
            while data := client.recv(65536):
                got += data
        except ConnectionResetError:
            pass
    return got


def statuses(got: bytes, method: str) -> list[int]:
    """The final statuses of the answers that came, in order."""
    return [status for status, _, _ in answers(got, method)]


def answers(got: bytes, method: str) -> list[tuple[int, bytes, bytes]]:
    """Status, head and body of each final answer; only the first may be one to HEAD."""
    found: list[tuple[int, bytes, bytes]] = []
    at = 0
    while got.startswith(b"HTTP/1.", at):
        end = got.find(b"\r\n\r\n", at)
        if end < 0:
            break
        head, status = got[at:end], int(got[at + 9 : at + 12])
        length = 0
        if status >= 200:
            is_bare = status in {204, 304} or (method == "HEAD" and not found)
            length = 0 if is_bare else _length(head)
            found.append((status, head, got[end + 4 : end + 4 + length]))
        at = end + 4 + length
    return found


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
