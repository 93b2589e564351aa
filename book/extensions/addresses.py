"""Settings of other extensions that follow from `html.baseurl` of `_config.yml`."""

from __future__ import annotations

from urllib.parse import urlsplit

from sphinx.application import Sphinx
from sphinx.config import Config


def configure(app: Sphinx, config: Config) -> None:
    """Set where the page for missing addresses and the previews of links find the site."""
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path
    config.ogp_site_url = config.html_baseurl


def setup(app: Sphinx) -> None:
    """Register with Sphinx."""
    app.connect("config-inited", configure, priority=100)
