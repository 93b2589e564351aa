"""The picture beside a link."""

from PIL import Image

from extensions.social_preview import draw


def test_the_picture_has_the_size_that_other_sites_ask_for(tmp_path):
    draw("A title", tmp_path / "social.png")
    with Image.open(tmp_path / "social.png") as picture:
        assert picture.size == (1200, 630)
        assert len(picture.convert("RGB").getcolors(maxcolors=1 << 24)) > 10
