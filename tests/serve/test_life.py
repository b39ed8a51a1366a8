import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from app import keys
from app.db import open_database
from app.errors import Refused
from app.serve import check_ready, configuration
from app.settings import Settings
from app.worker import run
from tests.serve.running import Running, is_alive, until


def test_the_worker_beside_comes_back_and_goes_with_the_server(settings: Settings) -> None:
    running = Running(settings, with_worker=True)
    [first] = until(lambda: running.pids("worker started"))
    os.kill(first, signal.SIGKILL)
    second = until(lambda: running.pids("worker started")[1:])[0]
    assert second != first
    assert running.get("/healthz").status == 200
    assert running.stop() == 0
    assert running.pids("worker ended") == [second]
    assert not is_alive(second)


def test_the_worker_leaves_its_heartbeat(settings: Settings) -> None:
    running = Running(settings, with_worker=True)
    sessions = open_database(settings.database)

    def beats() -> int:
        with sessions.engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM heartbeat")).scalar_one())

    assert until(beats) == 1
    sessions.engine.dispose()
    assert running.stop() == 0


def test_a_server_without_the_worker_starts_none(settings: Settings) -> None:
    running = Running(settings)
    assert running.stop() == 0
    assert running.pids("worker started") == []


def test_the_worker_ends_when_the_server_is_killed(settings: Settings) -> None:
    running = Running(settings, with_worker=True)
    [worker] = until(lambda: running.pids("worker started"))
    running.process.kill()
    running.process.wait()
    os.kill(worker, signal.SIGTERM)
    until(lambda: not is_alive(worker))


def test_a_configuration_in_the_folder_is_not_executed(settings: Settings) -> None:
    mark = settings.instance / "executed"
    (settings.instance / "gunicorn.conf.py").write_text(f"open({str(mark)!r}, 'w').close()\n")
    running = Running(settings, cwd=settings.instance)
    running.stop()
    assert not mark.exists()


def test_without_keys_nothing_is_served(settings: Settings) -> None:
    settings.keys_file.unlink()
    with pytest.raises(Refused, match="kustod init"):
        check_ready(settings)


def test_with_migrations_pending_nothing_is_served(tmp_path: Path) -> None:
    empty = Settings(tmp_path)
    keys.save(keys.generate(), empty.keys_file)
    with pytest.raises(Refused, match="kustod init"):
        check_ready(empty)
    with pytest.raises(Refused, match="kustod init"):
        run(empty)


def test_with_an_altered_trigger_nothing_is_served(settings: Settings) -> None:
    check_ready(settings)
    engine = create_engine(settings.database)
    with engine.begin() as connection:
        connection.execute(text("DROP TRIGGER touch_contact_update"))
    engine.dispose()
    with pytest.raises(Refused, match="touch_contact_update"):
        check_ready(settings)


def test_no_header_of_a_client_is_believed_by_gunicorn() -> None:
    given = configuration("127.0.0.1:0", 1)
    names = ("forwarded_allow_ips", "forwarder_headers", "secure_scheme_headers")
    assert not any(given[name] for name in names)
    assert given["control_socket_disable"]
