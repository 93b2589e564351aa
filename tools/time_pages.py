"""Measure how the pages of the built site behave on a slow machine: `python tools/time_pages.py [RUNS] [PAGE ...]`.

A page is loaded by a Chromium that is four times as slow as this machine, and read down to its end; then it is loaded
again and Tab is pressed, which draws all its figures. The table has the sum of the layout shifts, and the longest task,
during which the page does not respond: while it loads, while it is read, and after Tab. A task is measured in processor
time, which other programs on the machine change little. Of all runs it shows the smallest value and the median.
"""

import json
import shutil
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from weigh_pages import SITE, served

SLOWER = 4
SCREENS = {"laptop": (1280, 900), "phone": (360, 740)}
TASK = "ThreadControllerImpl::RunTask"  # Chromium's name
TRACED = ["toplevel", "devtools.timeline"]
OBSERVE = """window.shifts = [];
new PerformanceObserver((seen) => shifts.push(...seen.getEntries().filter((one) => !one.hadRecentInput)))
  .observe({ type: "layout-shift", buffered: true });"""
IS_QUIET = """new Promise((quiet) => requestIdleCallback(() => setTimeout(() => requestIdleCallback(quiet), 100)))"""


def time_page(browser, address, screen, keyboard=False):
    """Open a page on a slow machine, and read it to its end or take the keyboard.

    Parameters
    ----------
    browser : playwright.sync_api.Browser
    address : str
    screen : (int, int)
        Width and height in CSS pixels.
    keyboard : bool
        Press Tab instead of reading on.

    Returns
    -------
    (float, float, float)
        The sum of all layout shifts; the longest task until the page has loaded and after that, in milliseconds of
        processor time.
    """
    context = browser.new_context(viewport={"width": screen[0], "height": screen[1]})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    browser.start_tracing(categories=TRACED)
    page.goto(address, wait_until="load", timeout=120_000)
    page.evaluate(IS_QUIET)
    loading = json.loads(browser.stop_tracing())["traceEvents"]
    (thread,) = {
        (event["pid"], event["tid"])
        for event in loading
        if event["name"] == "ParseHTML" and address in str(event["args"])
    }
    browser.start_tracing(categories=TRACED)
    if keyboard:
        page.keyboard.press("Tab")
        page.evaluate(IS_QUIET)
    else:
        page.mouse.move(screen[0] / 2, screen[1] / 2)
        while page.evaluate("scrollY + innerHeight + 1 < document.documentElement.scrollHeight"):
            page.mouse.wheel(0, 0.8 * screen[1])
            page.evaluate(IS_QUIET)
    reading = json.loads(browser.stop_tracing())["traceEvents"]
    shift = page.evaluate("shifts.reduce((sum, one) => sum + one.value, 0)")
    context.close()
    return shift, longest_task(loading, thread), longest_task(reading, thread)


def longest_task(events, thread):
    """Return the processor time of a thread's longest task, in milliseconds.

    Parameters
    ----------
    events : list of dict
        Chromium's trace.
    thread : (int, int)
        Numbers of its process and of itself.

    Returns
    -------
    float
    """
    tasks = (event for event in events if event["name"] == TASK and (event["pid"], event["tid"]) == thread)
    return max(event.get("tdur", 0) / 1000 for event in tasks)


if __name__ == "__main__":
    from playwright.sync_api import sync_playwright

    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    names = sys.argv[2:] or [file.stem for file in sorted((SITE / "book").glob("*.html"))]
    with sync_playwright() as playwright, served() as address:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        print(f"{SLOWER} times as slow, {runs} runs{'shift':>24}{'loading, ms':>19}{'reading, ms':>19}{'Tab, ms':>19}")
        print(f"{'page':<18}{'screen':<10}" + f"{'least':>12}{'median':>7}" * 4)
        for name in names:
            for screen, size in SCREENS.items():
                page = f"{address}book/{name}.html"
                read = [time_page(chromium, page, size) for _ in range(runs)]
                keys = [time_page(chromium, page, size, keyboard=True) for _ in range(runs)]
                shifts, loading, reading = zip(*read, strict=True)
                columns = [loading, reading, [longest for _, _, longest in keys]]
                line = f"{name:<18}{screen:<10}{min(shifts):12.4f}{statistics.median(shifts):7.4f}"
                print(line + "".join(f"{min(c):12.0f}{statistics.median(c):7.0f}" for c in columns), flush=True)
        chromium.close()
