"""Children that die come back, and everything stops in order."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launcher import lock, processes
from launcher.processes import Program, Register
from launcher.say import RefusedError
from launcher.stamps import Stamp, digest
from launcher.supervisor import Supervisor

SLEEPER = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: (print('bye', flush=True), sys.exit())); "
SLEEPER += "print('up', flush=True); time.sleep(600)"


def program(folder: Path, name: str, code: str = SLEEPER, tier: int = 0) -> Program:
    log = folder / f"{name}.log"
    return Program(
        name=name,
        label=name,
        command=[sys.executable, "-c", code],
        log=log,
        tier=tier,
        stop_signal=signal.SIGTERM,
        stop_seconds=5,
        ready=lambda: log.is_file() and "up" in log.read_text(),
        environ=dict(os.environ),
    )


@pytest.fixture
def supervisor(tmp_path):
    guard = Supervisor(tmp_path / "children.json")
    yield guard
    guard.stop()


def until(condition, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_a_killed_child_is_started_again(supervisor, tmp_path):
    supervisor.start(program(tmp_path, "web"))
    supervisor.wait_ready("web", 10)
    child = supervisor.children["web"]
    first = child.process.pid
    os.kill(first, signal.SIGKILL)

    def back() -> bool:
        supervisor.tick()
        return child.process.pid != first and child.ready

    assert until(back)


def test_a_child_that_keeps_dying_is_started_less_and_less_often(supervisor, tmp_path):
    supervisor.start(program(tmp_path, "web", "raise SystemExit(1)"))
    child = supervisor.children["web"]
    seen = {child.delay}

    def waited_longer() -> bool:
        supervisor.tick()
        seen.add(child.delay)
        return len(seen) == 3

    assert until(waited_longer)
    assert sorted(seen) == [0.3, 0.6, 1.2]


def test_grandchildren_of_a_killed_child_do_not_keep_its_port(supervisor, tmp_path):
    code = "import subprocess, time; p = subprocess.Popen(['sleep', '600'])\n"
    code += "print('up', p.pid, flush=True); time.sleep(600)"
    supervisor.start(program(tmp_path, "web", code))
    supervisor.wait_ready("web", 10)
    grandchild = int((tmp_path / "web.log").read_text().split()[1])
    os.kill(supervisor.children["web"].process.pid, signal.SIGKILL)
    assert until(lambda: (supervisor.tick(), processes.birth(grandchild) is None)[1])


def test_lower_tiers_stop_before_higher_ones(supervisor, tmp_path):
    noted = tmp_path / "order"
    code = (
        "import pathlib, signal, sys, time\n"
        "def end(*_):\n"
        f"    with open({str(noted)!r}, 'a') as f: f.write(sys.argv[1] + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    for name, tier in (("database", 2), ("broker", 1), ("web", 0)):
        spec = program(tmp_path, name, code, tier)
        spec.command.append(name)
        supervisor.start(spec)
    for name in ("database", "broker", "web"):
        supervisor.wait_ready(name, 10)
    supervisor.stop()
    assert noted.read_text().split() == ["web", "broker", "database"]


def test_a_child_that_never_gets_ready_is_reported_with_its_log(supervisor, tmp_path):
    supervisor.start(program(tmp_path, "web", "print('no such module'); raise SystemExit(1)"))
    with pytest.raises(RefusedError, match="did not start") as caught:
        supervisor.wait_ready("web", 2)
    assert "no such module" in caught.value.detail


def test_children_end_when_the_supervisor_is_killed(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from launcher.supervisor import Supervisor; "
        "from tests.launcher.test_supervisor import program; "
        f"folder = Path({str(tmp_path)!r}); guard = Supervisor(folder / 'children.json'); "
        "guard.start(program(folder, 'web')); guard.wait_ready('web', 10); "
        "print(guard.children['web'].process.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as guard:
        assert guard.stdout
        pid = int(guard.stdout.readline())
        guard.kill()
    assert until(lambda: processes.birth(pid) is None)
    assert "bye" in (tmp_path / "web.log").read_text()


def test_orphans_of_a_killed_launcher_are_found_and_stopped(tmp_path):
    orphan = subprocess.Popen([sys.executable, "-c", SLEEPER], stdout=subprocess.DEVNULL, start_new_session=True)
    register = Register(tmp_path / "children.json")
    register.add(program(tmp_path, "worker"), orphan.pid)
    time.sleep(0.2)
    assert Register(tmp_path / "children.json").stop_orphans(seconds=5) == ["worker"]
    assert orphan.wait(5) is not None
    assert not (tmp_path / "children.json").exists()


def test_a_process_that_got_the_id_of_an_old_child_is_left_alone(tmp_path):
    stranger = subprocess.Popen(["sleep", "600"])
    register = Register(tmp_path / "children.json")
    register.add(program(tmp_path, "worker"), stranger.pid)
    text = register.path.read_text().replace(processes.birth(stranger.pid) or "-", "1")
    register.path.write_text(text)
    assert Register(register.path).stop_orphans(seconds=1) == []
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_second_start_on_one_folder_is_refused(tmp_path):
    held = lock.acquire(tmp_path)
    assert lock.holder(tmp_path) == os.getpid()
    with pytest.raises(RefusedError, match=f"in use .process {os.getpid()}") as caught:
        lock.acquire(tmp_path)
    assert "正在被另一个实例使用" in caught.value.zh
    held.close()
    assert lock.holder(tmp_path) is None


def test_a_log_that_grew_too_large_is_set_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LOG_LIMIT", 10)
    log = tmp_path / "web.log"
    log.write_text("more than ten bytes")
    processes.keep_small(log)
    assert log.read_text() == ""
    assert (tmp_path / "web.log.1").read_text() == "more than ten bytes"


def test_a_step_is_repeated_when_a_file_changes_or_goes(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    Stamp(tmp_path / "stamp", digest([one, two])).write()
    assert Stamp(tmp_path / "stamp", digest([two, one])).fresh()
    assert not Stamp(tmp_path / "stamp", digest([one])).fresh()
    two.write_text("3")
    assert not Stamp(tmp_path / "stamp", digest([one, two])).fresh()
