"""Kernels on a photo: what blurring, sharpening and edge kernels do to a real picture, and to each of its pixels."""

from __future__ import annotations

import functools
import io
from typing import Any

import numpy as np
import torch
from matplotlib.figure import Figure as Picture
from PIL import Image
from torch.nn import functional as F

from cnncourse.convolution import box_kernel, conv2d, edge_kernel, laplacian_kernel
from cnncourse.data import PHOTOS, load_photo
from cnncourse.plotting import show_image, show_kernel

from .base import Figure
from .settings import Choice, Matrix, Whole

WIDTH, HEIGHT = 400, 266
TITLES = {"china": "Tower", "flower": "Dahlia"}
_BINOMIAL = np.array([1, 4, 6, 4, 1]) / 16

KERNELS = {  # by the word in the chooser; positive where the picture looks like the kernel
    "Copy": np.pad([[1.0]], 1),
    "Blur 3 × 3": box_kernel(3),
    "Blur 5 × 5, softer": np.outer(_BINOMIAL, _BINOMIAL),
    "Sharpen": np.pad([[1.0]], 1) + laplacian_kernel().numpy(),
    "Sobel, vertical edges": np.outer([1, 2, 1], [-1, 0, 1]),
    "Sobel, horizontal edges": np.outer([-1, 0, 1], [1, 2, 1]),
    "Prewitt, vertical edges": edge_kernel("vertical"),
    "Laplacian": laplacian_kernel(),
    "Emboss": np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
}
KERNELS = {
    word: [[float(f"{weight:.6g}") for weight in row] for row in np.asarray(kernel, float)]
    for word, kernel in KERNELS.items()
}


class KernelsOnPhoto(Figure):
    """Slide a kernel over a photograph, compare input and output, and see the sum at any pixel.

    The photograph is grey, 400 by 266, intensities from 0 to 1; its edge pixels are repeated outwards, so that the
    output is as large as the input and no border appears. Weights that sum to 0 give signed values.

    Parameters
    ----------
    name : str, optional
        The figure's id on the page.
    photo : {"china", "flower"}, optional
        See `cnncourse.data.PHOTOS` for authors and licences.
    kernel : list of lists of numbers, optional
        3 x 3 or 5 x 5, -9 to 9; `KERNELS` has the named ones.
    split : int, optional
        Where the output begins, in per cent of the width, 0 to 100.
    row, column : int, optional
        The pixel whose sum is shown.

    Examples
    --------
    >>> figure = KernelsOnPhoto(kernel=KERNELS["Sharpen"], photo="flower")
    >>> figure.query()
    'i=flower&w=0,-1,0_-1,5,-1_0,-1,0'
    >>> figure.output().shape
    torch.Size([266, 400])
    """

    title = "Kernels on a photo"
    photo = Choice("china", "i", list(TITLES))
    kernel = Matrix(KERNELS["Sobel, vertical edges"], "w", -9, 9, 5)
    split = Whole(36, "v", 0, 100)
    row = Whole(95, "r", 0, HEIGHT - 1)
    column = Whole(183, "c", 0, WIDTH - 1)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        if {len(self.kernel), len(self.kernel[0])} not in ({3}, {5}):
            raise ValueError(f"`kernel` must be 3 x 3 or 5 x 5, not {len(self.kernel)} x {len(self.kernel[0])}")

    @classmethod
    def constants(cls) -> dict[str, Any]:
        photos = {name: {"title": title, "credit": _credit(name)} for name, title in TITLES.items()}
        return {"kernels": KERNELS, "photos": photos, "width": WIDTH, "height": HEIGHT}

    @classmethod
    def files(cls) -> dict[str, bytes]:
        return {name: _small_photo(name) for name in TITLES}

    def pixels(self) -> torch.Tensor:
        """Return the photograph, shape (H, W), float64 in [0, 1]."""
        with Image.open(io.BytesIO(self.files()[self.photo])) as image:
            return torch.from_numpy(np.asarray(image, dtype=np.float64)) / 255

    def output(self) -> torch.Tensor:
        """Return the photograph under the kernel, shape (H, W), float64: what the page shows."""
        kernel = torch.tensor(self.kernel, dtype=torch.float64)
        image = F.pad(self.pixels()[None, None], [len(kernel) // 2] * 4, mode="replicate")
        return conv2d(image, kernel[None, None])[0, 0]

    def describe(self) -> str:
        word = next((word for word, kernel in KERNELS.items() if kernel == self.kernel), "a kernel of your own")
        size = len(self.kernel)
        return (
            f"A grey photograph, {PHOTOS[self.photo].description}, before and after a {size} by {size} kernel: {word}. "
            f"Its output in row {self.row}, column {self.column} is {self.output()[self.row, self.column]:.2f}."
        )

    def draw(self, picture: Picture) -> None:
        picture.set_size_inches(9, 3.3)
        picture.supxlabel(_credit(self.photo), fontsize=8)
        left, middle, right = picture.subplots(1, 3, width_ratios=[4, 2.2, 4])
        show_image(self.pixels(), ax=left, title="Input", role="input")
        show_kernel(self.kernel, ax=middle, title="Kernel")
        weights, output = np.array(self.kernel), self.output()
        if abs(weights.sum()) < 0.001:
            limit = abs(weights).sum() / 4 or 1.0
            show_kernel(output.clamp(-limit, limit), ax=right, title="Output", values=False, limit=limit, role="output")
        else:
            show_image(output.clamp(0, 1), ax=right, title="Output", role="output")


def _credit(name: str) -> str:
    photo = PHOTOS[name]
    return f"Photo: {photo.description}, by {photo.author}, {photo.licence}; here grey and cropped."


@functools.cache
def _small_photo(name: str) -> bytes:
    """Return a photograph in grey, small enough to load with a page: a JPEG of less than 25 kB."""
    image = Image.fromarray(load_photo(name)).convert("L")
    height = round(image.width * HEIGHT / WIDTH)
    image = image.crop((0, (image.height - height) // 2, image.width, (image.height - height) // 2 + height))
    file = io.BytesIO()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(file, "jpeg", quality=78, optimize=True)
    return file.getvalue()
