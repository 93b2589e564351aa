"""Fashion-MNIST: 28x28 grey photographs of clothes, shoes and bags in ten classes.

6,000 of the 70,000 images are part of this package (`fashion_mnist_subset/`, made by
`tools/make_fashion_mnist_subset.py`), so the course runs without a network; `full=True` finds or fetches the rest.
Every file is read whole and compared with its SHA-256 checksum before it is used.

References
----------
H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms",
2017, https://arxiv.org/abs/1708.07747; data under the MIT licence, copyright 2017 Zalando SE.
"""

import bz2
import gzip
import hashlib
import os
import tempfile
import zlib
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from cnncourse.data.splits import expect_split
from cnncourse.files import cache_folder

FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

FILES = {  # images and labels, under the names that the original has
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
SUBSET_FOLDER = Path(__file__).parent / "fashion_mnist_subset"
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")  # of Debian's package dataset-fashion-mnist

# SHA-256 of the files' contents, uncompressed: how they are compressed does not matter.
FULL_CHECKSUMS = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
SUBSET_CHECKSUMS = {
    "train-images-idx3-ubyte": "444ed5f7ce17397f236f5eba17dd507d3f6912f04edd3e4f1701cdf82f2cc0c5",
    "train-labels-idx1-ubyte": "35d691216f65485d010cc635af5574a9dc04aa5060de9be64ab6e5cb5ead38e9",
    "t10k-images-idx3-ubyte": "7cee33c3c6414b1b86c25e665a6c4f41584269de3b7cc9768b1d351922845eef",
    "t10k-labels-idx1-ubyte": "3128d790775889812b73c4f13923559c8b9e281d112c6ea7862acf60a206a909",
}

_OPENERS: dict[str, Any] = {"": open, ".gz": gzip.open, ".bz2": bz2.open}


class DataError(RuntimeError):
    """Images could not be loaded: the message says which file is wrong and what to do."""


def load_fashion_mnist(split: str, full: bool = False) -> tuple[Tensor, Tensor]:
    """Load Fashion-MNIST: by default the part that comes with this package, offline.

    Parameters
    ----------
    split : str
        "train" or "test".
    full : bool
        False: 5,000 training and 1,000 test images, the same number of each class. True: all 60,000 and 10,000, from
        the folder named by the environment variable `CNNCOURSE_DATA` (the original IDX files, packed by gzip or not) if
        it is set, else from the first of these places that has them: Debian's package `dataset-fashion-mnist`, and the
        cache (`$XDG_CACHE_HOME/cnncourse`, or `~/.cache/cnncourse`), which torchvision fills by a download of 30 MB
        where need be.

    Returns
    -------
    images : Tensor
        float32, `(N, 1, 28, 28)`, brightness from 0 (the background) to 1.
    labels : Tensor
        int64, `(N,)`, positions in `FASHION_CLASSES`.

    Raises
    ------
    ValueError
        If `split` is neither "train" nor "test".
    DataError
        If a file cannot be read or is not the one it should be, if the folder in `CNNCOURSE_DATA` lacks one, or if the
        download fails.

    Notes
    -----
    The full training set takes 188 MB as float32 (47 MB as bytes on disk). The subset holds the first 500 images of
    each class of the training set and the first 100 of each class of the test set, in the order of the original.

    Examples
    --------
    >>> images, labels = load_fashion_mnist("test")
    >>> images.shape, labels.bincount().tolist()
    (torch.Size([1000, 1, 28, 28]), [100, 100, 100, 100, 100, 100, 100, 100, 100, 100])
    >>> FASHION_CLASSES[labels[0]]
    'Ankle boot'
    """
    expect_split(split)
    if full:
        pixels, classes = read_full(split)
    else:
        remedy = "Reinstall cnncourse, or restore the file from git."
        pixels, classes = _read_pair(SUBSET_FOLDER, split, SUBSET_CHECKSUMS, remedy)
    images = torch.from_numpy(pixels.astype(np.float32)).div_(255).unsqueeze(1)
    return images, torch.from_numpy(classes.astype(np.int64))


def read_full(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Find or fetch the original files of one split, as `load_fashion_mnist(split, full=True)` does.

    Returns
    -------
    pixels, classes : ndarray
        Read-only uint8, `(N, 28, 28)` and `(N,)`: what the files hold, after their headers.

    Raises
    ------
    DataError
        As `load_fashion_mnist`.
    """
    cache = cache_folder()
    downloaded = cache / "FashionMNIST" / "raw"  # torchvision's own layout below a root
    remedies = {
        DEBIAN_FOLDER: "Reinstall Debian's package dataset-fashion-mnist.",
        downloaded: "Delete it and try again: it will be downloaded afresh.",
    }
    chosen = os.environ.get("CNNCOURSE_DATA")
    if chosen:
        if not os.path.isdir(chosen):
            raise DataError(
                f"CNNCOURSE_DATA is {chosen!r}, which is not a folder. "
                "Set it to the folder that holds the Fashion-MNIST files, or unset it."
            )
        missing = [name for name in FILES[split] if not _find(Path(chosen), name)]
        if missing:
            raise DataError(
                f"CNNCOURSE_DATA is {chosen!r}, which lacks {' and '.join(missing)} (packed: .gz or .bz2). "
                "Put it into that folder, set CNNCOURSE_DATA to the folder that holds all files, or unset it."
            )
        return _read_pair(
            Path(chosen), split, FULL_CHECKSUMS, "Replace it by the original file, or unset CNNCOURSE_DATA."
        )
    for folder, remedy in remedies.items():
        if all(_find(folder, name) for name in FILES[split]):
            return _read_pair(folder, split, FULL_CHECKSUMS, remedy)
    _download(cache, downloaded)
    return _read_pair(downloaded, split, FULL_CHECKSUMS, remedies[downloaded])


def _find(folder: Path, name: str) -> Path | None:
    """The file of that name in `folder`, packed or not; None if there is none."""
    paths = (folder / (name + suffix) for suffix in _OPENERS)
    return next((path for path in paths if os.path.exists(path)), None)


def _read_pair(folder: Path, split: str, checksums: dict[str, str], remedy: str) -> tuple[np.ndarray, np.ndarray]:
    """The images (N, 28, 28) and labels (N,) of one split, uint8, checked."""
    images, labels = (_read(folder, name, checksums[name], remedy) for name in FILES[split])
    # The checksums cover the headers: 16 bytes before the images, 8 before the labels.
    return np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28), np.frombuffer(labels, np.uint8, offset=8)


def _read(folder: Path, name: str, checksum: str, remedy: str) -> bytes:
    """The unpacked contents of a file, or a DataError that ends in `remedy`."""
    path = _find(folder, name)
    if path is None:
        raise DataError(f"{folder} lacks the Fashion-MNIST file {name}. {remedy}")
    try:
        with _OPENERS[path.suffix](path, "rb") as file:
            contents = file.read()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}. {remedy}") from error
    found = hashlib.sha256(contents).hexdigest()
    if found != checksum:
        raise DataError(
            f"{path} is not the Fashion-MNIST file it should be: its {len(contents):,} bytes (unpacked) have "
            f"the SHA-256 checksum {found}, not {checksum}. {remedy}"
        )
    return contents


def _download(cache: Path, destination: Path) -> None:
    """Let torchvision fetch all four files, with its progress bar and checksums; only then move them into place."""
    from torchvision.datasets import FashionMNIST

    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="unfinished-") as unfinished:
            arrived = Path(FashionMNIST(unfinished, download=True).raw_folder)
            destination.mkdir(parents=True, exist_ok=True)
            for file in arrived.iterdir():
                file.replace(destination / file.name)
    except (OSError, EOFError, zlib.error, RuntimeError, HTTPException) as error:
        reason = " ".join(str(error).split())  # torchvision's message has several lines
        raise DataError(
            f"Fashion-MNIST could not be downloaded into {cache}: {reason}. Connect to the network and try again, or "
            f"put {', '.join(name + '.gz' for name in FULL_CHECKSUMS)} into a folder and set CNNCOURSE_DATA to it, or "
            "use the 6,000 images that need no download: full=False."
        ) from error
