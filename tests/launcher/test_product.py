"""The whole product under the launcher: started, hurt, stopped and started again on one data folder."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import processes
from launcher.config import PROJECT
from tests.launcher.conftest import clean_environ, launcher

FIRST_START = 240
SECOND_START = 8
REPAIR = 30


class Product:
    """One `python -m launcher up`, its output read along."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.said = ""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "launcher", "up"],
            cwd=PROJECT,
            env=clean_environ(DATA_DIR=str(folder), PORT=str(port), DEMO_PEOPLE="150"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for row in self.process.stdout or ():
            self.said += row

    def wait_until_running(self, seconds: float) -> float:
        """Seconds from the start to the line with the address."""
        assert until(lambda: "Anju is running at" in self.said or self.process.poll() is not None, seconds), self.said
        assert self.process.poll() is None, self.said
        return time.monotonic() - self.started

    def child(self, name: str) -> int:
        return json.loads((self.folder / "children.json").read_text())[name][0]

    def status(self, path: str) -> int:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            link.request("GET", path)
            return link.getresponse().status
        except OSError:
            return 0
        finally:
            link.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


def until(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def product(folder) -> Iterator[Product]:
    running = Product(folder, free_port())
    running.wait_until_running(FIRST_START)
    assert until(lambda: "beat 已就绪" in running.said and "worker 已就绪" in running.said, REPAIR), running.said
    yield running
    if running.process.poll() is None:
        running.stop()


def test_the_start_ends_with_the_address_and_the_accounts(product):
    end = product.said.rpartition("demo county is in place")[2]
    assert f"http://127.0.0.1:{product.port}/" in end
    assert all(account in end for account in ("coadmin", "police", "leader", "auditor"))


def test_the_login_page_is_served(product):
    assert product.status("/login/") == 200


@pytest.mark.parametrize("name", ["web", "postgres", "valkey", "worker", "beat"])
def test_a_child_killed_with_9_comes_back_and_pages_are_served(product, name):
    old = product.child(name)
    repairs = product.said.count("is running again")
    os.kill(old, signal.SIGKILL)
    assert until(lambda: product.said.count("is running again") > repairs, REPAIR)
    assert product.child(name) != old
    assert until(lambda: product.status("/login/") == 200, REPAIR)


def test_a_command_uses_the_running_servers(product, folder):
    script = "from portal.org.models import User; print(User.objects.filter(username='coadmin').count())"
    done = launcher("exec", "--", sys.executable, "manage.py", "shell", "-v", "0", "-c", script, DATA_DIR=str(folder))
    assert done.stdout.strip().splitlines()[-1] == "1", done.stderr


def test_a_second_start_on_the_same_data_is_refused(product, folder):
    done = launcher("up", DATA_DIR=str(folder), PORT=str(free_port()))
    assert done.returncode == 1
    assert f"is in use (process {product.process.pid})" in done.stderr


def test_stopping_leaves_nothing_and_the_next_start_is_quick_and_keeps_the_data(product, folder):
    children = [product.child(name) for name in ("web", "worker", "beat", "valkey", "postgres")]
    assert product.stop(signal.SIGINT) == 0
    assert [pid for pid in children if processes.birth(pid)] == []
    assert "database system is shut down" in (folder / "logs" / "postgres.log").read_text()
    again = Product(folder, product.port)
    assert again.wait_until_running(60) <= SECOND_START
    assert "coadmin" in again.said
    assert "demo county is in place" not in again.said
    assert again.status("/login/") == 200
    again.process.kill()
    again.process.wait()


def test_after_kill_9_of_the_launcher_itself_the_next_start_works(product, folder):
    again = Product(folder, product.port)
    again.wait_until_running(60)
    assert again.status("/login/") == 200
    assert again.stop() == 0
