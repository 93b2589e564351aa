"""Three photographs that come with libraries that the course needs."""

from typing import NamedTuple

import numpy as np

from cnncourse.tensors import check_choice


class Photo(NamedTuple):
    """Where a photograph comes from, and what you may do with it."""

    description: str
    author: str
    licence: str
    source: str
    package: str
    file: str


PHOTOS = {
    "china": Photo(
        description="a tower of the Summer Palace in Beijing",
        author="danielbuechele",
        licence="CC BY 2.0",
        source="https://www.flickr.com/photos/danielbuechele/6061409035/",
        package="scikit-learn",
        file="china.jpg",
    ),
    "flower": Photo(
        description="a dahlia in flower",
        author="vultilion",
        licence="CC BY 2.0",
        source="https://www.flickr.com/photos/vultilion/6056698931/",
        package="scikit-learn",
        file="flower.jpg",
    ),
    "grace_hopper": Photo(
        description="the computer scientist Grace Hopper in uniform",
        author="U.S. Navy",
        licence="public domain",
        source="https://commons.wikimedia.org/wiki/File:Grace_Hopper.jpg",
        package="matplotlib",
        file="grace_hopper.jpg",
    ),
}


def load_photo(name: str) -> np.ndarray:
    """Load a colour photograph; `PHOTOS[name]` names its author, licence and source.

    Parameters
    ----------
    name : str
        "china", "flower" (both 427 x 640 pixels) or "grace_hopper" (600 x 512).

    Returns
    -------
    ndarray
        uint8, `(H, W, 3)`: red, green and blue from 0 to 255, a fresh array on each call. Layers expect float and
        channels first: `to_channels_first` turns a batch of photographs.

    Raises
    ------
    ValueError
        If there is no photograph of that name.

    Examples
    --------
    >>> load_photo("china").shape
    (427, 640, 3)
    >>> PHOTOS["china"].licence
    'CC BY 2.0'
    """
    check_choice(name, "name", PHOTOS)
    photo = PHOTOS[name]
    if photo.package == "scikit-learn":
        from sklearn.datasets import load_sample_image  # takes a second to import, so only where it is needed

        return load_sample_image(photo.file).copy()  # theirs is read-only

    from matplotlib.cbook import get_sample_data
    from matplotlib.image import imread

    return imread(get_sample_data(photo.file, asfileobj=False)).copy()
