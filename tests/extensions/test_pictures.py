"""Sizes of pictures; drawings that follow the theme; photographs in fewer bytes."""

import base64
import io
import os

import pytest
from PIL import Image

from cnncourse.figures import PoolingExplorer
from extensions.pictures import lighter, readable_width, size


def embedded(width, height):
    file = io.BytesIO()
    Image.frombytes("RGB", (width, height), os.urandom(3 * width * height)).save(file, "PNG")
    return f'<image href="data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"/>'


def test_the_size_of_a_drawing_of_matplotlib_is_read_from_it(tmp_path):
    PoolingExplorer().save(tmp_path / "p.svg", format="svg")
    width, height = size(tmp_path / "p.svg")
    assert 100 < height < width < 2000


@pytest.mark.parametrize(("unit", "expected"), [("pt", (120, 40)), ("px", (90, 30)), ("", (90, 30))])
def test_lengths_become_pixels(tmp_path, unit, expected):
    (tmp_path / "p.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="90{unit}" height="30{unit}"/>')
    assert size(tmp_path / "p.svg") == expected


def test_the_size_of_a_photograph_is_read_from_it(tmp_path):
    Image.new("RGB", (40, 30)).save(tmp_path / "p.png")
    assert size(tmp_path / "p.png") == (40, 30)


def test_a_photograph_takes_fewer_bytes_and_a_small_picture_stays_exact():
    photograph, kernel = embedded(200, 200), embedded(8, 8)
    assert lighter(kernel) == kernel
    assert len(lighter(photograph)) < len(photograph) / 2
    assert "data:image/webp;base64," in lighter(photograph)
    assert lighter(lighter(photograph)) == lighter(photograph)


def test_a_drawing_may_be_as_narrow_as_its_smallest_text_allows(tmp_path):
    text = '<g transform="translate(0 0) scale({} -{})"/>'
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="90pt">{}</svg>'
    (tmp_path / "p.svg").write_text(drawing.format(text.format(0.15, 0.15) + text.format(0.1, 0.1)))
    (tmp_path / "none.svg").write_text(drawing.format(""))
    assert readable_width(tmp_path / "p.svg") == 300  # 10pt text, 13.3px in 400px, is 10px in 300px
    assert readable_width(tmp_path / "none.svg") is None
