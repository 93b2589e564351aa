"""One style sheet a page instead of a dozen: a page is shown only when the last of them has arrived."""

import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

LINK = re.compile(r'[ \t]*<link (?=[^>]*rel="stylesheet")[^>]*?href="([^":]*)"[^>]*>\n?')
IMPORT = re.compile(r'@import\s*(?:url\()?["\']?([^"\')]+)["\']?\)?;')
ADDRESS = re.compile(r'url\(["\']?(?!data:|#|/)([^"\')]+)["\']?\)')


def bundle(app, exception):
    """Join the style sheets of every page, in their order."""
    if exception is not None or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    used = set()
    for page in Path(app.outdir).rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        links = LINK.findall(text)
        if len(links) > 1 and not links[0].startswith("/"):  # the page for 404 has absolute addresses
            sheet = "\n".join(inlined(page.parent / urlsplit(link).path, static) for link in links)
            name = f"style-{hashlib.sha256(sheet.encode()).hexdigest()[:8]}.css"
            (static / name).write_text(sheet, encoding="utf-8")
            up = "../" * (len(page.relative_to(app.outdir).parts) - 1)
            first = LINK.search(text).start()
            text = LINK.sub("", text)
            text = f'{text[:first]}<link href="{up}_static/{name}" rel="stylesheet" />\n{text[first:]}'
            page.write_text(text, encoding="utf-8")
        used.update(Path(urlsplit(link).path).name for link in LINK.findall(text))
    for stale in static.glob("style-*.css"):
        if stale.name not in used:
            stale.unlink()


def inlined(path, folder):
    """Return a style sheet with what it imports, its addresses as seen from `folder`.

    Parameters
    ----------
    path, folder : pathlib.Path

    Returns
    -------
    str
    """
    text = path.read_text(encoding="utf-8").removeprefix("\ufeff")
    text = re.sub(r'@charset "[^"]*";', "", text)
    text = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text)
    imports = [inlined(path.parent / name, folder) for name in IMPORT.findall(text)]
    text = IMPORT.sub("", text)
    from_folder = path.parent.resolve().relative_to(folder.resolve()).as_posix()
    prefix = "" if from_folder == "." else f"{from_folder}/"
    return "\n".join([*imports, ADDRESS.sub(rf"url({prefix}\1)", text)])


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", bundle, priority=800)  # after the theme has written its last style sheet
