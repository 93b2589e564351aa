"""The picture beside a link."""

import matplotlib as mpl
from PIL import Image

from cnncourse.plotting import use_style
from extensions.social_preview import draw


def test_the_picture_has_the_size_that_other_sites_ask_for(tmp_path):
    with mpl.rc_context():
        use_style()  # the course's style lays figures out by itself, which this picture must not
        draw("A title", tmp_path / "social.png")
    with Image.open(tmp_path / "social.png") as picture:
        assert picture.size == (1200, 630)
        assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24)) > 10
