"""Find a Chromium, or install one: Playwright's own first, then the distribution's. Run before the browser tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-background-networking", "--disable-component-update", "--disable-gpu", "--disable-quic",
    "--disable-sync", "--no-first-run", "--no-sandbox",
)  # fmt: skip


def find_chromium() -> str | None:
    """The path of an installed Chromium."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def has_chinese_font() -> bool:
    """Whether Chinese text would be drawn as text."""
    if not shutil.which("fc-list"):
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout)


def main() -> None:
    """Install what is missing; ends non-zero where it cannot be had."""
    if find_chromium() is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    missing = ["chromium"] * (find_chromium() is None) + ["fonts-wqy-zenhei", "fontconfig"] * (not has_chinese_font())
    if missing:
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        subprocess.run([*sudo, "apt-get", "update", "-q"], check=False, stdout=subprocess.DEVNULL)
        subprocess.run([*sudo, "apt-get", "install", "-y", "-q", *missing], check=False, stdout=subprocess.DEVNULL)
    if find_chromium() is None:
        sys.exit("No Chromium was found and none could be installed: the browser tests cannot run.")


if __name__ == "__main__":
    main()
