"""A headless Chromium, driven over the W3C WebDriver protocol by the standard library alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

DRIVER, CHROMIUM = shutil.which("chromedriver"), shutil.which("chromium")

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
)  # fmt: skip

_KEYS = {"Left": "\ue012", "Up": "\ue013", "Right": "\ue014", "Down": "\ue015",
         "Home": "\ue011", "End": "\ue010", "Tab": "\ue004"}  # fmt: skip

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """One window of a fresh profile in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._log = (folder / "driver.log").open("w+b")
        self.process = subprocess.Popen([DRIVER, "--port=0"], stdout=subprocess.PIPE,
                                        stderr=self._log)  # fmt: skip
        self._root = f"http://127.0.0.1:{self._port()}/session"
        options = {
            "binary": CHROMIUM,
            "args": [*FLAGS, f"--user-data-dir={folder / 'profile'}"],
        }
        wishes = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        answer = self._ask("POST", "", {"capabilities": {"alwaysMatch": wishes}})
        self._root += f"/{answer['sessionId']}"

    def _port(self) -> str:
        for line in self.process.stdout:
            if b"successfully on port" in line:
                return line.decode().rpartition("on port ")[2].strip(" .\n")
        raise AssertionError("chromedriver did not start")

    def _ask(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - our own process
            self._root + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from error

    def open(self, path: Path) -> None:
        self._ask("POST", "/url", {"url": path.as_uri()})

    def size(self, width: int, height: int, scale: float = 1, *, dark: bool = False) -> None:
        """Look at the page through a window of that size, as narrow as a phone's."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self.command("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", {"features": [scheme]})

    def command(self, name: str, parameters: dict):
        return self._ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def run(self, script: str, *arguments):
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector: str) -> str:
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        return found[_ELEMENT]

    def press(self, *keys: str) -> None:
        """Press keys, by name or as they are, where the focus is."""
        acts = [
            {"type": kind, "value": _KEYS.get(key, key)}
            for key in keys
            for kind in ("keyDown", "keyUp")
        ]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "k", "actions": acts}]})

    def click(self, x: float, y: float) -> None:
        """Move the pointer to a place in the window and click."""
        acts = [
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "m", "actions": acts}
        self._ask("POST", "/actions", {"actions": [mouse]})

    def logged(self, kind: str) -> list[dict]:
        """Return and forget what was logged: "browser" or "performance"."""
        return self._ask("POST", "/se/log", {"type": kind})

    def close(self) -> None:
        try:
            self._ask("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait(20)
            self.process.stdout.close()
            self._log.close()
