"""Read an image file as a network takes it: grey or colour, of one size, values from 0 to 1."""

from __future__ import annotations

import io
import math
import warnings
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

WHITE = {"F": [1, 255], "I": [255, 65535]}  # what may stand for white, by Pillow's mode; 65535 in those of 16 bits


def read_image(path: str | PathLike, mode: str, size: tuple[int, int]) -> Tensor:
    """Read an image file and scale it.

    Parameters
    ----------
    path : path
        Any format that Pillow reads. What is transparent becomes black, an orientation noted by a camera is applied,
        and of an animation the first picture counts. Grey values of 16 bits are divided by 65535; floats must lie
        between 0 and 1, or between 0 and 255.
    mode : str
        "L" for grey, "RGB" for colour.
    size : (int, int)
        Height and width of the result.

    Returns
    -------
    Tensor
        float32, ``(C, height, width)``, from 0 to 1.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        If it is no image, is damaged, cut short or too large, or its numbers have no known range.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "half.png"
    ...     Image.new("RGBA", (40, 40), (255, 255, 255, 128)).save(file)
    ...     read_image(file, "L", (2, 2))
    tensor([[[0.5020, 0.5020],
             [0.5020, 0.5020]]])
    """
    from PIL import Image, UnidentifiedImageError

    content = Path(path).read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about metadata
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content)) as file:
                picture = _eight_bits(file).convert(mode).resize(size[::-1], Image.Resampling.BILINEAR)
    except UnidentifiedImageError:
        raise ValueError(f"{path} is not an image that can be read: give a PNG or JPEG file") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ValueError(f"{path} is too large: give an image of at most {Image.MAX_IMAGE_PIXELS:,} pixels") from error
    except Exception as error:  # a damaged file can make Pillow's readers raise anything
        raise ValueError(f"{path} cannot be read as an image ({error}): give another PNG or JPEG file") from error
    pixels = torch.from_numpy(np.array(picture)).view(*size, -1)  # (height, width, C)
    return pixels.permute(2, 0, 1).float() / 255


def _eight_bits(file: Any) -> Any:
    """Turn an image upright, lay it on black where it is transparent, and scale numbers beyond 8 bits to 0..255."""
    from PIL import Image, ImageOps

    picture = ImageOps.exif_transpose(file)
    if picture.mode == "F" or picture.mode.startswith("I"):
        numbers = np.asarray(picture, dtype=np.float64)
        scaled = numbers * (255 / _largest(picture.mode, numbers))
        return Image.fromarray(scaled.round().astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "black"), picture)
    return picture


def _largest(mode: str, numbers: np.ndarray) -> int:
    """The number that stands for white, by the mode and, where that leaves it open, by the numbers."""
    top = float(numbers.max())
    if not (math.isfinite(top) and float(numbers.min()) >= 0):
        raise ValueError("its numbers must be finite and at least 0")
    known = WHITE.get(mode, [65535])
    if top > known[-1]:
        raise ValueError(f"its numbers must be at most {known[-1]}, not {top:g}")
    return next(white for white in known if top <= white)
