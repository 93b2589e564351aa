"""Make the Fashion-MNIST subset that cnncourse carries, from the original files.

    python tools/make_fashion_mnist_subset.py FOLDER

The originals are looked for as `load_fashion_mnist(..., full=True)` does it: the folder in CNNCOURSE_DATA, Debian's
package dataset-fashion-mnist, the cache, a download. Into FOLDER, which must not exist yet, go four files in the
original's format (IDX), packed by bzip2, whose output is the same on every machine: the first 500 images of each class
of the training set, the first 100 of the test set, in the order of the original. Their checksums are printed as
`SUBSET_CHECKSUMS` in cnncourse/data/fashion_mnist.py lists them. The same input gives the same bytes; a test proves it.
"""

import argparse
import bz2
import hashlib
import struct
import sys
import tempfile
from pathlib import Path

import numpy as np

from cnncourse.data import FASHION_CLASSES, DataError
from cnncourse.data.fashion_mnist import FILES, read_full

IMAGES_OF_EACH_CLASS = {"train": 500, "test": 100}


def first_of_each_class(classes: np.ndarray, count: int) -> np.ndarray:
    """The positions of the first `count` images of each class, in the order of the original."""
    return np.sort(np.concatenate([np.flatnonzero(classes == c)[:count] for c in range(len(FASHION_CLASSES))]))


def idx(array: np.ndarray) -> bytes:
    """A uint8 array in the IDX format: 0, 0, type 8, number of axes; each axis as a big-endian 32-bit int; the data."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def make_subset(folder: Path) -> dict[str, str]:
    """Write the four files into the new `folder`, all or none, and return the checksums of their contents."""
    checksums = {}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as parent:
        unfinished = Path(parent) / folder.name
        unfinished.mkdir()
        for split, count in IMAGES_OF_EACH_CLASS.items():
            pixels, classes = read_full(split)
            chosen = first_of_each_class(classes, count)
            for name, array in zip(FILES[split], (pixels[chosen], classes[chosen]), strict=True):
                contents = idx(array)
                (unfinished / f"{name}.bz2").write_bytes(bz2.compress(contents))
                checksums[name] = hashlib.sha256(contents).hexdigest()
        unfinished.rename(folder)
    return checksums


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line, make the subset, print its checksums; return the exit code."""
    parser = argparse.ArgumentParser(description="Make the Fashion-MNIST subset that cnncourse carries.")
    parser.add_argument("folder", type=Path, help="where the four files go; must not exist yet")
    folder = parser.parse_args(arguments).folder
    if folder.exists():
        parser.error(f"{folder} exists already; name a new folder")
    try:
        checksums = make_subset(folder)
    except (DataError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for name, checksum in checksums.items():
        print(f'    "{name}": "{checksum}",')
    return 0


if __name__ == "__main__":
    sys.exit(main())
