"""Pack the built site into a zip to read offline: `python tools/pack_site.py`, or `make zip`."""

import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "book"))
from extensions.downloads import FILES, PLACE, link

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
NOT_PACKED = {*FILES, ".buildinfo", "sitemap.xml", "404.html", "objects.inv"}  # of use on a server only


def pack_site(site=SITE):
    """Pack the site in `site` into ``cnncourse.zip`` beside its pages; the same pages give the same bytes.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    SystemExit
        If there is no site, with a sentence that says what to do.
    """
    if not (site / "index.html").is_file():
        sys.exit(f"there is no site in {site}; make site builds it")
    target = site / "cnncourse.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(path for path in site.rglob("*") if path.is_file()):
            name = path.relative_to(site).as_posix()
            if name not in NOT_PACKED:
                content = path.read_bytes()
                if path.suffix == ".html":  # the copy travels without the files that stand beside the site
                    content = PLACE.sub("", content.decode()).encode()
                info = zipfile.ZipInfo(f"cnncourse/{name}")
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                packed.writestr(info, content)
    link(site)
    return target


if __name__ == "__main__":
    print(f"The site to read offline is in {pack_site().relative_to(ROOT)}.")
