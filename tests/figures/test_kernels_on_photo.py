"""Kernels on a photo: the page filters as torch filters, the view splits by mouse, finger and keyboard."""

import random

import numpy as np
import pytest
import torch
from playwright.sync_api import expect
from torch.nn import functional as F

from cnncourse.convolution import edge_kernel, laplacian_kernel
from cnncourse.figures import KernelsOnPhoto
from cnncourse.figures.kernels_on_photo import HEIGHT, KERNELS, WIDTH

browser = pytest.mark.browser


def by_torch(image, kernel):
    image, kernel = (torch.as_tensor(values, dtype=torch.float64)[None, None] for values in (image, kernel))
    return F.conv2d(F.pad(image, [kernel.shape[-1] // 2] * 4, mode="replicate"), kernel)[0, 0]


def test_the_page_computes_what_torch_computes(node_test):
    generator = random.Random(9)
    cases = []
    for _ in range(220):
        height, width, size = generator.randint(3, 9), generator.randint(3, 12), generator.choice([3, 5])
        image = [[generator.randint(0, 255) / 255 for _ in range(width)] for _ in range(height)]
        kernel = [[round(generator.uniform(-9, 9), 2) for _ in range(size)] for _ in range(size)]
        cases.append({"image": image, "kernel": kernel, "output": by_torch(image, kernel).tolist()})
    node_test(KernelsOnPhoto.module(), "kernels_on_photo.test.mjs", {"cases": cases, "kernels": KERNELS})


@pytest.mark.parametrize("photo", ["china", "flower"])
def test_python_computes_what_torch_computes(photo):
    figure = KernelsOnPhoto(photo=photo, kernel=KERNELS["Blur 5 × 5, softer"])
    assert figure.pixels().shape == (HEIGHT, WIDTH)
    torch.testing.assert_close(figure.output(), by_torch(figure.pixels(), figure.kernel))


def test_the_named_kernels_do_what_they_are_called():
    sums = {word: round(float(np.sum(kernel)), 4) for word, kernel in KERNELS.items()}
    for word in ["Copy", "Blur 3 × 3", "Blur 5 × 5, softer", "Sharpen", "Emboss"]:
        assert sums[word] == 1, word
    for word in ["Sobel, vertical edges", "Sobel, horizontal edges", "Prewitt, vertical edges", "Laplacian"]:
        assert sums[word] == 0, word
    assert KERNELS["Prewitt, vertical edges"] == edge_kernel("vertical").tolist()
    assert KERNELS["Laplacian"] == laplacian_kernel().tolist()
    rising = torch.arange(5.0).repeat(5, 1)
    assert by_torch(rising, KERNELS["Sobel, vertical edges"])[2, 2] == 8
    assert by_torch(rising.T, KERNELS["Sobel, horizontal edges"])[2, 2] == 8


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kernel": [[1, 2], [3, 4]]}, "`kernel` must be 3 x 3 or 5 x 5, not 2 x 2"),
        ({"photo": "cat"}, "`photo` must be one of 'china', 'flower', not 'cat'"),
        ({"split": 101}, "`split` must be a whole number from 0 to 100, not 101"),
    ],
)
def test_a_wrong_setting_is_named(settings, message):
    with pytest.raises(ValueError, match=message):
        KernelsOnPhoto(**settings)


# ---- On a page ------------------------------------------------------------------------------------------------------


def opened(open_figure, figure, **options):
    page = open_figure(figure, **options)
    page.wait_for_function(
        "document.querySelector('cnn-kernels-on-photo').shadowRoot.querySelector('.answer').textContent"
    )
    return page


@browser
def test_every_pixel_of_the_page_is_what_torch_makes_of_its_photograph(open_figure):
    page = opened(open_figure, KernelsOnPhoto())
    grey = page.locator(".before").evaluate(
        "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((_, n) => n % 4 === 0))"
    )
    pixels = torch.tensor(grey, dtype=torch.float64).reshape(HEIGHT, WIDTH) / 255
    assert (pixels - KernelsOnPhoto().pixels()).abs().max() <= 3 / 255  # two JPEG decoders
    expected = by_torch(pixels, KernelsOnPhoto().kernel)
    generator = random.Random(1)
    places = [(0, 0), (HEIGHT - 1, WIDTH - 1)]
    places += [(generator.randrange(HEIGHT), generator.randrange(WIDTH)) for _ in range(200)]
    shown = page.evaluate(
        """places => places.map(([row, column]) => {
            const element = document.querySelector('cnn-kernels-on-photo');
            element.figure.set({ row, column }, { commit: false });
            return element.shadowRoot.querySelector('.answer').textContent; })""",
        places,
    )
    for (row, column), text in zip(places, shown, strict=True):
        assert float(text.replace("−", "-")) == pytest.approx(expected[row, column].item(), abs=0.0051)


@browser
def test_the_split_is_dragged_and_typed(open_figure):
    page = opened(open_figure, KernelsOnPhoto())
    box, photo = page.locator(".grip").bounding_box(), page.locator(".photo").bounding_box()
    page.mouse.move(box["x"] + 22, box["y"] + 22)
    page.mouse.down()
    page.mouse.move(photo["x"] + photo["width"] * 0.8, box["y"] + 22, steps=4)
    assert page.evaluate("location.hash") == ""
    page.mouse.up()
    assert page.evaluate("location.hash") == "#kernels-on-photo?v=80"
    page.get_by_label("Output begins at").focus()
    page.keyboard.press("Home")
    assert page.evaluate("location.hash") == "#kernels-on-photo?v=0"


@browser
def test_keys_choose_a_pixel(open_figure):
    page = opened(open_figure, KernelsOnPhoto())
    page.locator(".photo").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    assert page.evaluate("location.hash") == "#kernels-on-photo?r=105&c=184"
    page.keyboard.press("Control+Home")
    expect(page.locator(".words")).to_contain_text("row 0, column 0")


@browser
def test_a_mouse_previews_pins_and_lets_go(open_figure):
    page = opened(open_figure, KernelsOnPhoto())
    page.locator(".photo").hover(position={"x": 10, "y": 10})
    expect(page.locator(".words")).to_contain_text("row 5, column 5")
    page.locator(".photo").click(position={"x": 100, "y": 100})
    words = page.locator(".words").inner_text()
    assert "pinned" in words
    page.locator(".photo").hover(position={"x": 10, "y": 10})
    assert page.locator(".words").inner_text() == words
    page.keyboard.press("Escape")
    page.locator(".photo").hover(position={"x": 12, "y": 12})
    expect(page.locator(".words")).not_to_contain_text("pinned")


@browser
def test_a_finger_taps_a_pixel_and_kernels_are_chosen_and_typed(open_figure):
    page = opened(open_figure, KernelsOnPhoto(), width=360, touch=True)
    page.locator(".photo").tap(position={"x": 20, "y": 20})
    assert "r=" in page.evaluate("location.hash")
    page.get_by_label("Kernel", exact=True).select_option("Sharpen")
    expect(page.locator(".words")).to_contain_text("keep their brightness")
    page.get_by_label("Size").select_option("5")
    assert page.locator(".kernel .cell").count() == 25
    page.get_by_label("Weight row 2, column 2").fill("6")
    page.keyboard.press("Tab")
    expect(page.locator(".words")).to_contain_text("The weights sum to 2")
    assert page.get_by_label("Kernel", exact=True).input_value() == "own"
    page.get_by_label("Photo", exact=True).select_option("flower")
    page.get_by_text("a dahlia in flower").wait_for()
