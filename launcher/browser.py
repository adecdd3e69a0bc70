"""The browser of the tests: Debian's chromium and a Chinese font, installed when that is allowed, else explained."""

import os
import shutil
import subprocess
from pathlib import Path

from launcher import say
from launcher.say import RefusedError

PACKAGES = ("chromium", "fonts-noto-cjk")
QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def chromium() -> str | None:
    return os.environ.get("CHROMIUM_PATH") or shutil.which("chromium") or shutil.which("chromium-browser")


def chinese_font() -> bool:
    """Without one every Chinese character is a box, and layout tests measure boxes."""
    if shutil.which("fc-list"):
        done = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False)
        return bool(done.stdout.strip())
    return any(Path("/usr/share/fonts").rglob("*CJK*"))


def administrator() -> list[str] | None:
    """The words in front of apt-get: none for root, sudo where it asks for no password, None where neither works."""
    if os.geteuid() == 0:
        return []
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False) if shutil.which("sudo") else None
    return ["sudo", "-n"] if asked and asked.returncode == 0 else None


def ensure() -> None:
    if chromium() and chinese_font():
        return
    prefix = administrator()
    install = f"apt-get install -y {' '.join(PACKAGES)}"
    if prefix is None or not shutil.which("apt-get"):
        raise RefusedError(
            f"浏览器测试需要 chromium 和中文字体，请以管理员身份执行：{install}。",
            f"The browser tests need chromium and a Chinese font; run as an administrator: {install}.",
        )
    with say.step("浏览器与中文字体已安装", "browser and Chinese font are installed"):
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-y", "-q", *PACKAGES]):
            done = subprocess.run(
                [*prefix, *command],
                env=os.environ | QUIET,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode or not chromium():
            raise RefusedError(
                f"未能安装浏览器，请手工执行：{install}。",
                f"The browser could not be installed; run by hand: {install}.",
                done.stderr[-1000:],
            )
