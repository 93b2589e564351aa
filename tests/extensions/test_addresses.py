"""Settings that follow from the address of the site."""

from types import SimpleNamespace

from extensions.addresses import configure


def test_the_page_for_missing_addresses_and_the_previews_know_where_the_site_is():
    config = SimpleNamespace(html_baseurl="https://example.org/course/")
    configure(None, config)
    assert config.notfound_urls_prefix == "/course/"
    assert config.ogp_site_url == "https://example.org/course/"
