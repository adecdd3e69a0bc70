"""A wrong environment gets one sentence in Chinese and one in English, and a non-zero exit code."""

import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import config
from tests.launcher.conftest import launcher


def refused(done: subprocess.CompletedProcess[str], zh: str, en: str) -> bool:
    sentences = done.stderr.strip().splitlines()[-2:]
    assert done.returncode == 1, done.stderr
    assert sentences[0].startswith("无法继续：")
    assert sentences[0].endswith("。")
    assert sentences[1].startswith("Cannot go on: ")
    assert "Traceback" not in done.stderr
    return zh in sentences[0] and en in sentences[1]


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_is_named(folder, taken_port):
    done = launcher("up", DATA_DIR=str(folder), PORT=str(taken_port))
    assert refused(done, f"127.0.0.1:{taken_port} 无法使用", f"127.0.0.1:{taken_port} cannot be used")


def test_a_data_directory_that_cannot_be_written_is_named():
    done = launcher("up", DATA_DIR="/proc/anju")
    assert refused(done, "数据目录 /proc/anju 不可写", "The data directory /proc/anju is not writable")


def test_a_file_in_the_place_of_the_data_directory_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    done = launcher("up", DATA_DIR=str(tmp_path / "file"))
    assert refused(done, "不可写", "is not writable")


def test_a_path_too_long_for_a_socket_is_named(folder):
    done = launcher("check", DATA_DIR=str(folder / ("long" * 25)))
    assert refused(done, "路径太长", "too long for a socket")


def test_a_full_disk_is_named_with_what_is_left(folder):
    done = launcher("up", DATA_DIR=str(folder), MIN_FREE_MB="999999999")
    assert refused(done, "至少需要 999999999 MB", "999999999 MB are needed")


@pytest.mark.parametrize("port", ["http", "70000", "-1"])
def test_a_port_that_is_no_port_is_refused(folder, port):
    assert refused(launcher("up", DATA_DIR=str(folder), PORT=port), "PORT", "PORT must be")


@pytest.mark.parametrize("url", ["mysql://a:verysecret@h/d", "postgresql://a:verysecret@h:port/d", "verysecret"])
def test_a_malformed_DATABASE_URL_is_refused_without_showing_it(folder, url):
    done = launcher("check", DATA_DIR=str(folder), DATABASE_URL=url, REDIS_URL="redis://127.0.0.1:1/0")
    assert refused(done, "DATABASE_URL 的格式不正确", "DATABASE_URL is not well formed")
    assert "verysecret" not in done.stdout + done.stderr


def test_an_unreachable_database_is_named_without_its_password(folder):
    url = "postgresql://app_rw:verysecret@127.0.0.1:1/anju"
    done = launcher("check", DATA_DIR=str(folder), DATABASE_URL=url, REDIS_URL="redis://127.0.0.1:1/0")
    assert refused(done, "无法连接 DATABASE_URL", "DATABASE_URL cannot be reached")
    assert "verysecret" not in done.stdout + done.stderr


def serve_version(listener: socket.socket, version: str) -> None:
    """As much of PostgreSQL's protocol as a client needs to learn the version."""
    link, _ = listener.accept()
    with link:
        length = struct.unpack("!I", link.recv(4))[0]
        if struct.unpack("!I", link.recv(length - 4)[:4])[0] == 80877103:  # the question whether TLS is spoken
            link.sendall(b"N")
            length = struct.unpack("!I", link.recv(4))[0]
            link.recv(length - 4)
        parameters = {
            "server_version": version,
            "client_encoding": "UTF8",
            "standard_conforming_strings": "on",
            "DateStyle": "ISO",
        }
        answer = b"R" + struct.pack("!II", 8, 0)
        for name, value in parameters.items():
            body = name.encode() + b"\0" + value.encode() + b"\0"
            answer += b"S" + struct.pack("!I", len(body) + 4) + body
        link.sendall(answer + b"Z" + struct.pack("!I", 5) + b"I")
        link.recv(100)


@pytest.mark.parametrize("version", ["15.9", "9.6.24"])
def test_a_server_older_than_PostgreSQL_16_is_refused(folder, version):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve_version, args=(listener, version), daemon=True).start()
        url = f"postgresql://app_rw:x@127.0.0.1:{listener.getsockname()[1]}/anju"
        done = launcher("check", DATA_DIR=str(folder), DATABASE_URL=url, REDIS_URL="redis://127.0.0.1:1/0")
    assert refused(done, f"指向的服务器是 {version.split('.')[0]}", "PostgreSQL 16 or newer is needed")


def test_a_database_without_migrations_is_refused(folder):
    done = launcher("check", DATA_DIR=str(folder))
    assert refused(done, "缺少迁移", "lacks migrations")


def test_an_old_python_is_refused():
    code = "import sys; sys.version_info = (3, 9, 2); import launcher"
    done = subprocess.run([sys.executable, "-c", code], cwd=config.PROJECT, capture_output=True, text=True, check=False)
    assert refused(done, "需要 Python 3.11", "Python 3.11 or newer is needed")


def test_values_of_the_env_file_count_less_than_the_environment(tmp_path: Path):
    (tmp_path / ".env").write_text("# comment\nPORT=9000\nHOST='10.1.2.3'\n", "utf-8")
    assert config.read_env_file(tmp_path / ".env") == {"PORT": "9000", "HOST": "10.1.2.3"}
    assert config.load({"PORT": "9001", "DATA_DIR": str(tmp_path)}).port == 9001


def test_a_secret_may_come_from_a_file(tmp_path: Path):
    (tmp_path / "url").write_text("postgresql://a@b/c\n", "utf-8")
    assert config.load({"DATABASE_URL_FILE": str(tmp_path / "url")}).database_url == "postgresql://a@b/c"
