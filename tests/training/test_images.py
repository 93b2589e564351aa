"""Image files of every kind are read as they look; damaged ones are refused in one sentence."""

import io

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cnncourse.training.images import read_image

RAMP = np.linspace(0, 255, 16 * 16).round().astype(np.uint8).reshape(16, 16)  # dark at the top, bright at the bottom
GREY = torch.from_numpy(RAMP).float()[None] / 255


def saved(folder, picture, name, **options):
    picture.save(folder / name, **options)
    return folder / name


def transparent(mode="RGBA"):
    """White whose transparency is the ramp: on black, the ramp itself."""
    picture = Image.new("RGBA", (16, 16), "white")
    picture.putalpha(Image.fromarray(RAMP))
    return picture.convert(mode)


def one_transparent_colour():
    picture = Image.fromarray((RAMP > 127).astype(np.uint8) * 255).convert("P")
    picture.info["transparency"] = 0
    return picture


PICTURES = {
    "grey": (Image.fromarray(RAMP), "a.png", GREY),
    "colour": (Image.fromarray(RAMP).convert("RGB"), "a.png", GREY),
    "a palette": (Image.fromarray(RAMP).convert("P"), "a.png", GREY),
    "black and white": (Image.fromarray(RAMP > 127), "a.png", (GREY > 0.5).float()),
    "JPEG": (Image.fromarray(RAMP), "a.jpg", GREY),
    "CMYK": (Image.fromarray(RAMP).convert("CMYK"), "a.tif", GREY),
    "GIF": (Image.fromarray(RAMP), "a.gif", GREY),
    "transparent colour": (transparent(), "a.png", GREY),
    "transparent grey": (transparent("LA"), "a.png", GREY),
    "a transparent colour of a palette": (one_transparent_colour(), "a.png", (GREY > 0.5).float()),
    "16 bits": (Image.fromarray(RAMP.astype(np.uint16) * 257), "a.png", GREY),
    "16 bits in TIFF": (Image.fromarray(RAMP.astype(np.uint16) * 257), "a.tif", GREY),
    "32 bits": (Image.fromarray(RAMP.astype(np.int32)), "a.tif", GREY),
    "32 bits up to 65535": (Image.fromarray(RAMP.astype(np.int32) * 257), "a.tif", GREY),
    "floats up to 1": (Image.fromarray(RAMP.astype(np.float32) / 255), "a.tif", GREY),
    "floats up to 255": (Image.fromarray(RAMP.astype(np.float32)), "a.tif", GREY),
    "black floats": (Image.fromarray(RAMP.astype(np.float32) * 0), "a.tif", GREY * 0),
}


@pytest.mark.parametrize(("picture", "name", "expected"), PICTURES.values(), ids=PICTURES)
@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3)])
def test_a_picture_is_read_as_it_looks(tmp_path, picture, name, expected, mode, channels):
    image = read_image(saved(tmp_path, picture, name), mode, (16, 16))
    assert image.shape == (channels, 16, 16)
    assert image.dtype == torch.float32
    tolerance = 0.06 if name == "a.jpg" else 0.005
    assert torch.allclose(image, expected.expand_as(image), rtol=0, atol=tolerance)


def test_a_camera_held_upright_is_noticed(tmp_path):
    turned = Image.fromarray(np.rot90(RAMP).copy())
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    assert torch.equal(read_image(saved(tmp_path, turned, "a.png", exif=exif), "L", (16, 16)), GREY)


def test_the_size_is_height_and_width(tmp_path):
    assert read_image(saved(tmp_path, Image.fromarray(RAMP), "a.png"), "L", (4, 8)).shape == (1, 4, 8)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1.0, 256.0])
def test_floats_without_a_known_range_are_refused(tmp_path, value):
    numbers = RAMP.astype(np.float32)
    numbers[3, 3] = value
    with pytest.raises(ValueError, match=r"a\.tif cannot be read as an image \(its numbers must be"):
        read_image(saved(tmp_path, Image.fromarray(numbers), "a.tif"), "L", (28, 28))


@pytest.mark.parametrize("pixels", [10, 100])  # up to twice the limit Pillow warns, beyond it raises an error
def test_a_decompression_bomb_is_not_unpacked(tmp_path, monkeypatch, pixels):
    path = saved(tmp_path, Image.new("L", (pixels, 15)), "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ValueError, match=r"a\.png is too large: give an image of at most 100 pixels"):
        read_image(path, "L", (28, 28))


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n", b"<svg/>"])
def test_what_is_no_image_is_refused(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.png is not an image that can be read"):
        read_image(tmp_path / "a.png", "L", (28, 28))


def test_a_missing_file_and_a_folder_are_errors_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_image(tmp_path / "none.png", "L", (28, 28))
    with pytest.raises(OSError, match="tmp"):
        read_image(tmp_path, "L", (28, 28))


def encoded(form):
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (16, 16), np.uint8)
    Image.fromarray(noise).save(buffer, form)
    return buffer.getvalue()


CONTENTS = {form: encoded(form) for form in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP", "PPM", "TGA")}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from(list(CONTENTS)),
    place=st.floats(0, 1, exclude_max=True),
    change=st.one_of(st.just(None), st.integers(1, 255)),
)
def test_a_file_cut_or_changed_anywhere_is_read_or_refused(tmp_path, form, place, change):
    content = bytearray(CONTENTS[form])
    index = int(place * len(content))
    if change is None:
        del content[index:]
    else:
        content[index] ^= change
    (tmp_path / "a").write_bytes(content)
    try:
        image = read_image(tmp_path / "a", "L", (28, 28))
    except ValueError:
        return
    assert image.shape == (1, 28, 28)
