"""Pack the built site into a zip to read offline: `python tools/pack_site.py`, or `make zip`."""

import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "book"))
from extensions.downloads import FILES, PLACE, link
from extensions.practice.build import FOLDER, LOADED_BY_PAGES, scripts_for_a_folder

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
    fetched = site / "_static" / FOLDER  # what pages fetch from a server, they load as scripts from a folder
    files = {path.relative_to(site).as_posix(): path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}
    kept = [fetched / name for name in LOADED_BY_PAGES]
    files = {
        name: content for name, content in files.items() if fetched not in (site / name).parents or site / name in kept
    }
    files |= {f"_static/{FOLDER}/{name}": content for name, content in scripts_for_a_folder(fetched).items()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in sorted(files.items()):
            if name not in NOT_PACKED:
                if name.endswith(".html"):  # the copy travels without the files that stand beside the site
                    content = PLACE.sub("", content.decode()).encode()
                info = zipfile.ZipInfo(f"cnncourse/{name}")
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                packed.writestr(info, content)
    link(site)
    return target


if __name__ == "__main__":
    print(f"The site to read offline is in {pack_site().relative_to(ROOT)}.")
