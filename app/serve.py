"""`kustod serve`: gunicorn in this process, with a deadline for slow clients and the worker beside.

Only what is written here configures it: no gunicorn.conf.py of the current folder is executed,
no header of a client is believed (the guard decides that), no control socket is opened.
"""

import os
import signal
import time
from dataclasses import replace
from typing import Any, NoReturn
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.util import parse_address
from typing_extensions import override

from app import keys, logs, worker
from app.db import open_database
from app.deadline import PATIENCE, DeadlineWorker, Patience, TemplateLogger
from app.errors import Invalid, Refused
from app.services import migrations
from app.settings import Settings

THREADS = 64
"""A request takes one while it comes in and while its answer goes out; fewer are worked on."""
STOP_SECONDS = 20
_PORTS = 65536


def serve(
    settings: Settings,
    bind: str,
    workers: int = 2,
    *,
    with_worker: bool = True,
    patience: Patience = PATIENCE,
) -> None:
    """Serve until TERM or INT. Ends by SystemExit, as gunicorn does.

    Raises Refused where `kustod init` has to come first, Invalid for an address that is none.
    """
    os.umask(0o077)
    check_address(bind)
    settings = replace(settings, bind=bind)
    logs.configure(settings.log_level)
    check_ready(settings)
    logs.logger().info("serving", bind=bind, workers=workers, pid=os.getpid())
    Server(settings, workers, patience, with_worker=with_worker).run()


def check_address(bind: str) -> None:
    """Raise Invalid where nobody could listen at this address."""
    try:
        address = parse_address(bind)
    except RuntimeError:
        address = ("", 0)
    if isinstance(address, tuple) and not 0 < address[1] < _PORTS:
        raise Invalid("bind", "HOST:PORT is wanted, with a port from 1 to 65535")


def check_ready(settings: Settings) -> None:
    """Raise Refused, in words that say what to do, where keys or migrations are missing."""
    keys.load(settings.keys_file)
    sessions = open_database(settings.database)
    try:
        problems = migrations.problems(sessions.engine)
    finally:
        sessions.engine.dispose()  # nothing of the database may be open when workers are forked
    if problems:
        raise Refused(f"{problems[0]}: run `kustod init` first")


class Server(BaseApplication):
    """gunicorn's application object: our settings, and the app built in each worker."""

    def __init__(
        self, settings: Settings, workers: int, patience: Patience, *, with_worker: bool
    ) -> None:
        self.settings = settings
        self.patience = patience
        self.workers = workers
        self.with_worker = with_worker
        super().__init__()

    @override
    def load_config(self) -> None:
        for name, value in configuration(self.settings.bind, self.workers).items():
            self.cfg.set(name, value)

    @override
    def load(self) -> WSGIApplication:
        # This module must not import dav, and the engine is made after the fork.
        from wsgi import build  # noqa: PLC0415 - here, not above, as the comment says

        return build(self.settings)

    @override
    def run(self) -> None:
        Supervisor(self).run()


def configuration(bind: str, workers: int) -> dict[str, Any]:
    """Every gunicorn setting that is not left as it comes."""
    return {
        "bind": bind,
        "workers": workers,
        "threads": THREADS,
        "worker_class": DeadlineWorker,
        "logger_class": TemplateLogger,
        "loglevel": "warning",
        "proc_name": "kustod",
        "umask": 0o077,
        "keepalive": 5,
        "graceful_timeout": STOP_SECONDS,
        "max_requests": 5000,
        "max_requests_jitter": 500,
        "sendfile": False,
        "control_socket_disable": True,
        # From loopback gunicorn would believe a client's own SCRIPT_NAME and scheme otherwise.
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "secure_scheme_headers": {},
    }


class Supervisor(Arbiter):
    """gunicorn's arbiter, which also keeps one worker process alive beside its own."""

    beside: int | None = None

    @override
    def manage_workers(self) -> None:
        super().manage_workers()
        if self.app.with_worker and self.LISTENERS and not self._is_beside():
            self._start_beside()

    @override
    def stop(self, graceful: bool = True) -> None:
        self._signal_beside(signal.SIGTERM)
        super().stop(graceful)
        until = time.monotonic() + STOP_SECONDS
        while self._is_beside() and time.monotonic() < until:
            time.sleep(0.05)
        self._signal_beside(signal.SIGKILL)

    def _start_beside(self) -> None:
        self.beside = os.fork()
        if not self.beside:
            self._work_beside()

    def _work_beside(self) -> NoReturn:
        """The life of the worker process; the arbiter's stack must never unwind in it."""
        code = 1
        try:
            for number in (*self.SIGNALS, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            for listener in self.LISTENERS:
                listener.close()
            worker.run(self.app.settings)
            code = 0
        except Exception as error:  # noqa: BLE001 - the process ends here, whatever it was
            logs.logger().error("worker failed", **logs.failure(error))
        finally:
            os._exit(code)

    def _is_beside(self) -> bool:
        """Whether the worker process lives; gunicorn may have reaped it already."""
        if self.beside is None:
            return False
        try:
            reaped, _status = os.waitpid(self.beside, os.WNOHANG)
        except ChildProcessError:
            reaped = self.beside
        if reaped:
            self.beside = None
        return not reaped

    def _signal_beside(self, number: signal.Signals) -> None:
        if self._is_beside() and self.beside is not None:
            os.kill(self.beside, number)
