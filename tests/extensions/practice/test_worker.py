"""Answers in the worker of a page, in Chromium and Firefox, without a network: verdicts, limits, and the way out."""

import random
from types import SimpleNamespace

import pytest

from cnncourse.exercises.registry import bank, checker_for
from extensions.practice import build
from extensions.practice.data import exercises_on_page
from extensions.practice.npm import MissingPackageError
from tools.weigh_pages import served

pytestmark = [pytest.mark.slow, pytest.mark.browser]
RIGHT = bank()["corr2d"].source
IMAGE = "def corr2d(image, kernel):\n    return image"
WAYS_OUT = """
import sys, gc
found = [each for each in gc.get_objects() if type(each).__name__.startswith("JsProxy")]
def corr2d(image, kernel):
    for name in ("js", "pyodide", "pyodide_js", "_pyodide_core", "pyodide.code", "pyodide.http"):
        try:
            __import__(name)
        except ImportError:
            continue
        return name
    for name in ("fetch", "XMLHttpRequest", "indexedDB", "postMessage", "eval", "WebSocket", "importScripts"):
        for each in found:
            if hasattr(each, name) and getattr(each, name) is not None:
                return name
    return {verdict}
"""
ANSWERS = {  # what is written, the status, and words of the report
    "right": (RIGHT, "passed", "13 of 13 cases right"),
    "unnamed": (IMAGE, "failed", "At [0, 0] it gives 3, expected 6."),
    "syntax error": ("def corr2d(image kernel):", "failed", "line 1: def corr2d(image kernel):"),
    "stub": (bank()["corr2d"].stub(), "not attempted", "Write its body"),
    "gap": ("def corr2d(image, kernel):\n    return torch.fft.fft(image)", "gap", "cannot run `torch.fft`"),
    "os": (f"import os\nos.getcwd()\n{RIGHT}", "passed", ""),
    "endless": ("def corr2d(image, kernel):\n    while True: pass", "stopped", "No answer came within"),
    "right after a stop": (RIGHT, "passed", ""),
    "huge": ("def corr2d(image, kernel):\n    return [0] * 10**9", "failed", "It raised MemoryError"),
    "the process ends": ("import os\ndef corr2d(image, kernel):\n    os._exit(1)", "stopped", "Python ended before"),
    "long message": ("def corr2d(image, kernel):\n    raise ValueError('<b>' * 10**6)", "failed", "ValueError"),
    "torch changed": (f"torch.zeros = None\n{IMAGE}", "failed", ""),
    "right after a change": (RIGHT, "passed", ""),
    "ways out": (WAYS_OUT.replace("{verdict}", "torch.zeros(1)"), "failed", "shape (1,), expected"),
}
PAGE = """<!doctype html><meta charset="utf-8"><title>Practice</title><p>A page.</p><script>{script}
const runner = new Runner("practice/");
window.check = (name, source) => runner.check(name, source);</script>"""


@pytest.fixture(scope="module")
def site(tmp_path_factory, require):
    """A folder with everything that runs answers, and a page that has a runner."""
    try:
        build.libraries()
    except MissingPackageError as error:
        require(False, str(error))
    folder = tmp_path_factory.mktemp("site")
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=str(folder / "html"))
    build.write_files(app)
    (folder / "html" / "_static" / "practice").rename(folder / "html" / "practice")
    script = (build.SCRIPTS / "runner.js").read_text(encoding="utf-8").replace("\nexport ", "\n")
    (folder / "html" / "page.html").write_text(PAGE.replace("{script}", script), encoding="utf-8")
    return folder / "html"


@pytest.fixture(scope="module")
def address(site):
    with served(site) as address:
        yield address


@pytest.fixture(scope="module")
def page(chromium, address):
    page = chromium.new_page()
    page.goto(f"{address}page.html")
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    page.close()


def checked(page, name, source):
    return page.evaluate("([name, source]) => check(name, source)", [name, source])


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_gets_its_report_in_chromium(page, kind):
    source, status, words = ANSWERS[kind]
    verdict = checked(page, "corr2d", source)
    assert (verdict["status"], words in verdict["text"]) == (status, True), verdict["text"]
    assert "<script" not in verdict["html"]
    assert len(verdict["html"]) < 100_000
    assert page.errors == []


def test_the_page_stays_responsive_while_an_answer_runs(page):
    longest = page.evaluate(
        """async (source) => {
          let last = performance.now(), longest = 0, over = false;
          const tick = () => { longest = Math.max(longest, performance.now() - last); last = performance.now();
            if (!over) setTimeout(tick, 10); };
          tick();
          await check("corr2d", source);
          over = true;
          return longest;
        }""",
        ANSWERS["endless"][0],
    )
    assert longest < 3000  # the answer holds its worker for five seconds


def test_what_an_answer_writes_as_html_cannot_act(page):
    forged = (
        f"import cnncourse.checking.report as r\nr.report_html = lambda report: '<img src=x onerror=hit()>'\n{IMAGE}"
    )
    verdict = checked(page, "corr2d", forged)
    assert "onerror" not in verdict["html"]


@pytest.mark.parametrize("kind", ["right", "unnamed", "endless", "right after a stop", "ways out"])
def test_an_answer_gets_its_report_in_firefox(firefox, address, kind):
    firefox.set_script_timeout(120)
    if not firefox.current_url.startswith(address):
        firefox.get(f"{address}page.html")
    source, status, words = ANSWERS[kind]
    verdict = firefox.execute_async_script("check('corr2d', arguments[0]).then(arguments[1])", source)
    assert (verdict["status"], words in verdict["text"]) == (status, True), verdict["text"]


def test_answers_run_on_a_page_that_is_opened_from_a_folder(chromium, site, tmp_path):
    for name, content in build.scripts_for_a_folder(site / "practice").items():
        (tmp_path / "practice" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "practice" / name).write_bytes(content)
    (tmp_path / "page.html").write_bytes((site / "page.html").read_bytes())
    page = chromium.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert checked(page, "corr2d", RIGHT)["status"] == "passed"
    assert checked(page, "corr2d", IMAGE)["status"] == "failed"
    page.close()


def test_files_that_are_missing_are_said(chromium, site, tmp_path):
    (tmp_path / "page.html").write_bytes((site / "page.html").read_bytes())
    page = chromium.new_page()
    with served(tmp_path) as address:
        page.goto(f"{address}page.html")
        verdict = checked(page, "corr2d", RIGHT)
    assert verdict["status"] == "unavailable"
    assert "Python could not be loaded" in verdict["text"]
    page.close()


@pytest.mark.parametrize("name", [name for name, reason in exercises_on_page().items() if reason is None])
def test_solution_and_a_mistake_get_the_notebooks_verdict(page, name):
    record, checker = bank()[name], checker_for(name)
    assert checked(page, name, record.source)["status"] == "passed"
    edited = [way for known in record.mistakes for way in known.ways if getattr(way, "edits", None)]
    if not edited:
        return
    way = random.Random(name).choice(edited)
    source = record.source
    for old, new in zip(way.edits[::2], way.edits[1::2], strict=True):
        source = source.replace(old, new)
    verdict = checked(page, name, source)
    report = checker.report(checker.observe(way))
    assert verdict["status"] == report.status
    assert verdict["text"].startswith(f"{report.headline}\n\n{report.sentence}\n")
