import errno
import socket

import pytest
from gunicorn.http import errors

from app.deadline import Patience, PatientSocket, refusal

HURRY = Patience(request=0.05, answer=0.05)


def test_a_request_in_drops_meets_its_deadline() -> None:
    client, server = socket.socketpair()
    with client, server:
        patient = PatientSocket(server, HURRY)
        client.sendall(b"dr")
        assert patient.recv(10) == b"dr"
        with pytest.raises(TimeoutError) as caught:
            patient.recv(10)
        assert caught.value.errno == errno.ECONNRESET


def test_the_next_request_gets_a_deadline_of_its_own() -> None:
    client, server = socket.socketpair()
    with client, server:
        patient = PatientSocket(server, Patience(request=0))
        with pytest.raises(TimeoutError):
            patient.recv(10)
        patient.allow(60)
        client.sendall(b"next")
        assert patient.recv(10) == b"next"


def test_a_shorter_timeout_of_gunicorns_own_is_kept() -> None:
    client, server = socket.socketpair()
    with client, server:
        patient = PatientSocket(server, Patience(request=3600))
        patient.settimeout(0.05)
        with pytest.raises(TimeoutError):
            patient.recv(10)
        assert patient.gettimeout() == 0.05


def test_an_answer_that_nobody_reads_is_given_up() -> None:
    client, server = socket.socketpair()
    with client, server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        patient = PatientSocket(server, HURRY)
        with pytest.raises(TimeoutError) as caught:
            patient.sendall(b"x" * 16_000)
        assert caught.value.errno == errno.ECONNRESET


def test_an_answer_that_is_read_arrives() -> None:
    client, server = socket.socketpair()
    with client, server:
        PatientSocket(server, HURRY).sendall(b"hello")
        assert client.recv(10) == b"hello"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.LimitRequestLine(9000, 4094), "414"),
        (errors.LimitRequestHeaders("karel"), "431"),
        (errors.UnsupportedTransferCoding("karel"), "501"),
        (errors.InvalidHeader("karel"), "400"),
        (ValueError("karel"), "500"),
    ],
)
def test_what_the_server_cannot_read_is_answered_without_an_echo(
    error: Exception, status: str
) -> None:
    answer = refusal(error)
    assert answer.status.startswith(status)
    assert b"karel" not in answer.body
