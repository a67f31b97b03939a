"""A real browser: headless Chromium, and JupyterLab when a test asks for it. A test that uses `page` fails if anything
but loopback addresses was requested."""

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

import linkgap as lg
from linkgap.explorer.modules import bundle, read_static

ROOT = Path(__file__).parents[2]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1500, "height": 940}

HARNESS = """<!doctype html><meta charset="utf-8"><title>explorer</title>
<style>body {{ margin: 0; background: {background}; }} {css}</style><div id="here"></div>
<script type="module">
{bundle}
const given = {given};
const bytes = Uint8Array.from(atob("{data}"), (letter) => letter.charCodeAt(0));
const values = {{ ...given, _data: new DataView(bytes.buffer) }};
const heard = {{}};
window.sent = [];
window.saves = [];
window.model = {{
  get: (name) => values[name],
  set: (name, value) => {{ values[name] = value; }},
  save_changes: () => {{
    window.saves.push(structuredClone({{ settings: values.settings, selected: values.selected_domains }}));
  }},
  send: (message) => window.sent.push(message),
  on: (name, call) => {{ heard[name] = call; }},
  off: (name) => {{ delete heard[name]; }},
  say: (name, value) => {{ values[name] = value; heard[`change:${{name}}`]?.(); }},
  hear: (message) => heard["msg:custom"]?.(message),
}};
window.parts = {{ ..._columns, ..._scoring, ..._ordering, ..._filtering, ..._csv, ..._state }};
window.remove = await _explorer.render({{ model: window.model, el: document.getElementById("here") }});
</script>"""


@pytest.fixture(scope="session")
def chromium():
    program = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


def watched(page):
    """Have a page record its errors, and its requests to other than loopback addresses, in `faults`, and return it."""
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(f"error: {error}"))
    page.on("console", lambda said: page.faults.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("request", lambda asked: None if is_here(asked.url) else page.faults.append(f"request: {asked.url}"))
    return page


@pytest.fixture(scope="session")
def window(chromium):
    context = chromium.new_context(viewport=SIZE, accept_downloads=True)
    page = watched(context.new_page())
    page.add_init_script(SPY)
    yield page
    context.close()


@pytest.fixture(scope="session")
def another_page(window):
    """Open a page of their own for one test or several: `another_page()`; they check its `faults` themselves."""
    return lambda: watched(window.context.new_page())


@pytest.fixture
def page(window):
    """A page whose errors, and requests to other than loopback addresses, fail the test. All tests share it, each with
    an address of its own: a new page takes a second, mostly to start a process and to compile the same scripts again.
    """
    if window.viewport_size != SIZE:
        window.set_viewport_size(SIZE)
    window.emulate_media(media="null", color_scheme="null", forced_colors="null")
    window.mouse.move(0, 0)
    yield window
    faults, window.faults[:] = window.faults[:], []
    assert faults == []


def is_here(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"file", "data", "blob", "about"} or parts.hostname in {"127.0.0.1", "localhost"}


@pytest.fixture(scope="session")
def prospects():
    return lg.rank_prospects(lg.find_gap(lg.read_links(lg.sample_exports()), site="oakdesk.example"))


# A report's explorer talks to a stand-in for the kernel. This records what it sends, and removes the pages that the
# report brings along, so that the explorer asks for them as in JupyterLab.
SPY = """
if (location.search === "?spied") Object.defineProperty(HTMLElement.prototype, "linkgap", { set(model) {
  const heard = {};
  const { on, send } = model;
  window.sent = [];
  window.saves = [];
  window.model = Object.assign(model, {
    on: (name, call) => on(name, (heard[name] = call)),
    send: (message) => { window.sent.push(structuredClone(message)); send(message); },
    save_changes: () => {
      window.saves.push(structuredClone({ settings: model.get("settings"), selected: model.get("selected_domains") }));
    },
    say: (name, value) => { model.set(name, value); heard[`change:${name}`]?.(); },
    hear: (message) => heard["msg:custom"]?.(message),
  });
  model.get("_meta").pages = {};
}, get() { return window.model; } });
"""
PARTS = "window.parts = { ..._columns, ..._scoring, ..._ordering, ..._filtering, ..._csv, ..._state };"


@pytest.fixture(scope="session")
def report_of(tmp_path_factory):
    """A report of what an explorer shows, without other sections; the same one is built only once."""
    folder = tmp_path_factory.mktemp("reports")
    built = {}

    def build(explorer, backtest):
        outreach = explorer._outreach._given if explorer._outreach._is_there else None
        key = (id(explorer._prospects), repr(explorer.settings), id(outreach), id(backtest))
        if outreach is not None or key not in built:
            told = {"settings": explorer.settings, "outreach": outreach, "backtest": backtest, "sections": ["explorer"]}
            path = lg.build_report(explorer._prospects, folder / f"{len(built)}.html", overwrite=True, **told)
            built[key] = path, explorer  # kept alive, so that no other object gets an id in the key
        return built[key][0]

    return build


@pytest.fixture(params=["widget", "report"])
def show(request, page, report_of, tmp_path):
    """Open an explorer without a kernel, as the widget and in a report: `show(explorer)` returns the page."""

    def open_widget(explorer, *, background="white", **_):
        given = {name: getattr(explorer, name) for name in ("_meta", "_memory", "settings", "selected_domains")}
        text = HARNESS.format(
            background=background,
            css=read_static("explorer.css"),
            bundle=bundle(),
            given=json.dumps(given).replace("</", "<\\/"),
            data=base64.b64encode(explorer._data).decode(),
        )
        path = tmp_path / "explorer.html"
        path.write_text(text, encoding="utf-8")
        page.goto(path.as_uri())
        page.wait_for_selector(".linkgap[data-ready]")
        return page

    def open_report(explorer, *, backtest=None, **_):
        page.goto(report_of(explorer, backtest).as_uri() + "?spied")
        page.wait_for_selector(".linkgap[data-ready]")
        script = page.locator("script[type=module]").text_content().partition("const _standalone =")[0]
        page.evaluate(f"() => {{ {script} {PARTS} }}")
        page.evaluate("document.querySelector('.linkgap').scrollIntoView({ behavior: 'instant' })")
        return page

    return {"widget": open_widget, "report": open_report}[request.param]


class Lab:
    """A JupyterLab server in a folder, without any settings of the user."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.address = folder, f"http://127.0.0.1:{port}"

    def write(self, name: str, *cells: str) -> None:
        import nbformat

        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata=kernel)
        nbformat.write(notebook, self.folder / name)

    def open(self, page, name: str) -> None:
        page.goto(f"{self.address}/doc/tree/{name}?reset")
        self.wait_for_kernel(page)

    def run(self, page) -> None:
        page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")

    @staticmethod
    def wait_for_kernel(page) -> None:
        page.wait_for_function(
            """() => {
              const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
              return kernel?.connectionStatus === "connected" && kernel.status === "idle";
            }""",
            timeout=90_000,
            polling=100,
        )


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    with jupyter_lab(folder, tmp_path_factory.mktemp("home")) as port:
        yield Lab(folder, port)


@contextmanager
def jupyter_lab(folder: Path, home: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTERLAB_WORKSPACES_DIR")
    own = {name: str(home / name.lower()) for name in (*names, "JUPYTERLAB_SETTINGS_DIR")}
    options = [
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        f"--notebook-dir={folder}",
        "--expose-app-in-browser",
    ]
    options += [
        "--IdentityProvider.token=",
        "--ServerApp.password=",
        "--ServerApp.disable_check_xsrf=True",
        "--allow-root",
    ]
    # Else a server restarts a dead kernel at its own time, perhaps a second time and under a test's hands.
    options += ["--KernelManager.autorestart=False"]
    options += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    with (home / "lab.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env={**os.environ, **own, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_until_up(f"http://127.0.0.1:{port}/api", home / "lab.log")
            yield port
        finally:
            server.terminate()
            server.wait(20)


def wait_until_up(address: str, log: Path) -> None:
    for _ in range(240):
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
