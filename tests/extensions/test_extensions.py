"""What the site's own Sphinx extension does, without building the site."""

import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from cnncourse.figures import PoolingExplorer
from extensions.appearance import mend, picture_size, unused_repairs
from extensions.downloads import link
from extensions.execution import configure, source_digest
from extensions.formulas import mathml
from extensions.landing import built_with


@pytest.mark.parametrize(
    ("macro", "role"), [("inp", "input"), ("kernel", "kernel"), ("out", "output"), ("grad", "gradient")]
)
def test_a_formula_carries_its_roles_as_classes(macro, role):
    assert f'<mstyle class="cnn-{role}">' in mathml(rf"2\{macro}{{x}}")
    assert "mathcolor" not in mathml(rf"2\{macro}{{x}}")


def test_a_minus_after_a_sign_belongs_to_its_number():
    assert '<mo form="prefix">&#x02212;' in mathml("x = -1")
    assert '<mo form="prefix">&#x02212;' in mathml("(1, -1)")
    assert "prefix" not in mathml("x - 1")
    assert "prefix" not in mathml("(x) - 1")


def test_aligned_lines_become_rows():
    assert mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", display=True).count("<mtr>") == 2


def test_mending_a_page_twice_changes_nothing_more(tmp_path):
    Image.new("RGB", (40, 30)).save(tmp_path / "p.png")
    page = '<head><script src="a.js"></script></head><img alt="p" src="p.png" />'
    once = mend(page, tmp_path)
    assert 'width="40" height="30"' in once
    assert mend(once, tmp_path) == once


def test_the_size_of_a_drawing_is_read_from_it(tmp_path):
    PoolingExplorer().save(tmp_path / "p.svg", format="svg")
    width, height = picture_size(tmp_path / "p.svg")
    assert 100 < height < width < 2000


def test_pages_are_made_anew_when_a_style_changes_and_chapters_are_not_run_again(tmp_path, monkeypatch):
    for name in ("CNNCOURSE_SITE", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "1")  # what configure sets is put back
    style = tmp_path / "book" / "static" / "course.css"
    style.parent.mkdir(parents=True)
    seen = []
    for text in ("a {}", "a {}", "b {}"):
        style.write_text(text)
        config = SimpleNamespace()
        configure(SimpleNamespace(srcdir=tmp_path, outdir=tmp_path / "_build" / "html"), config)
        seen.append(config)
    assert seen[0].cnncourse_looks == seen[1].cnncourse_looks != seen[2].cnncourse_looks
    assert seen[0].nb_execution_cache_path == seen[2].nb_execution_cache_path


def test_a_backend_in_the_environment_does_not_take_the_pictures_away(tmp_path, monkeypatch):
    for name in ("CNNCOURSE_SITE", "OMP_NUM_THREADS", "MPLBACKEND"):
        monkeypatch.setenv(name, "Agg")  # what configure changes is put back
    configure(SimpleNamespace(srcdir=tmp_path, outdir=tmp_path / "_build" / "html"), SimpleNamespace())
    assert "MPLBACKEND" not in os.environ


def test_a_repair_that_matches_nothing_in_a_fresh_build_is_named():
    repairs = {"<b>": "<strong>", 'role="doc-biblioentry"': 'role="listitem"'}
    fresh = ["<p><b>bold</b></p>", "<p>plain</p>"]
    assert unused_repairs(fresh, repairs) == ['role="doc-biblioentry"']
    assert unused_repairs([*fresh, '<div role="doc-biblioentry">'], repairs) == []
    assert unused_repairs(["<p><strong>mended by an earlier build</strong></p>"], repairs) == []


def test_downloads_are_linked_only_if_they_are_there(tmp_path):
    page = tmp_path / "book" / "running.html"
    page.parent.mkdir()
    page.write_text('<p>before</p><div class="cnn-downloads"></div>')
    os.utime(page, (1, 1))
    link(tmp_path)
    assert "href" not in page.read_text()
    assert "make pdf" in page.read_text()
    (tmp_path / "cnncourse.zip").write_bytes(b"x" * 2_000_000)
    link(tmp_path)
    assert re.findall('href="([^"]*)"', page.read_text()) == ["../cnncourse.zip"]
    assert "(2.0 MB)" in page.read_text()
    assert page.stat().st_mtime == 1  # or the next build would take the zip for old news


def test_the_date_of_the_build_can_be_fixed(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert built_with()["date"] == "2 January 1970"
    assert all(re.match(r"\d+\.", number) for number in built_with()["versions"].values())


def test_only_what_outputs_depend_on_runs_the_chapters_again(tmp_path):
    (tmp_path / "classroom").mkdir()
    (tmp_path / "pooling.py").write_text("1")
    before = source_digest(tmp_path)
    (tmp_path / "classroom" / "sandbox.py").write_text("1")
    Path(tmp_path / "figure.js").write_text("1")
    assert source_digest(tmp_path) == before
    (tmp_path / "pooling.py").write_text("2")
    assert source_digest(tmp_path) != before
