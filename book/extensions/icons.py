"""The theme's icons: the glyphs that the pages show, in one small style sheet.

The theme loads all of Font Awesome, a script of 1.5 MB and three fonts, for about twenty icons. Here the glyphs in use
are cut out of the theme's own copy of the fonts.
"""

import base64
import re
import shutil
from pathlib import Path

from .fonts import cut

FAMILIES = (("fa-solid-900.ttf", "Font Awesome 6 Free", 900), ("fa-brands-400.ttf", "Font Awesome 6 Brands", 400))
BASE = """.fas,.fab,.fa-solid,.fa-brands{display:inline-block;font:900 1em/1 "Font Awesome 6 Free";text-rendering:auto}
.fab,.fa-brands{font-family:"Font Awesome 6 Brands";font-weight:400}
.fa-lg{font-size:1.25em;line-height:.05em;vertical-align:-.075em}
"""
LINK = re.compile(r'<link href="([^"]*)vendor/fontawesome/[^"]*\.css[^"]*" rel="stylesheet" />')
THE_REST = re.compile(r"\s*<link [^>]*vendor/fontawesome/[^>]*>|\s*<script [^>]*vendor/fontawesome/[^>]*></script>")


def trim(app, exception):
    """Replace Font Awesome by the icons in use, on every page."""
    vendor = Path(app.outdir, "_static", "vendor")
    if exception is not None or app.builder.format != "html" or not vendor.is_dir():
        return
    (rules,) = vendor.glob("fontawesome/*/css/all.min.css")
    pages = {path: path.read_text(encoding="utf-8") for path in Path(app.outdir).rglob("*.html")}
    classes = {name for page in pages.values() for name in re.findall(r"\bfa-[a-z0-9-]+", page)}
    codes = {}
    for selector, code in re.findall(r'([^{}]+)\{content:"\\(f[0-9a-f]+)"\}', rules.read_text(encoding="utf-8")):
        for name in re.findall(r"\.(fa-[a-z0-9-]+):before", selector):
            codes[name] = code
    used = {name: codes[name] for name in sorted(classes & codes.keys())}
    theme = "".join(path.read_text(encoding="utf-8") for path in Path(app.outdir, "_static", "styles").glob("*.css"))
    own = set(re.findall(r'"\\(f[0-9a-f]{2,3})"', theme))  # icons that style sheets of the theme draw
    sheet = BASE + "".join(f'.{name}:before{{content:"\\{code}"}}\n' for name, code in used.items())
    characters = "".join(chr(int(code, 16)) for code in sorted(own | set(used.values())))
    for file, family, weight in FAMILIES:
        font = base64.b64encode(cut(rules.parent.parent / "webfonts" / file, characters)).decode()
        sheet += f'@font-face{{font-family:"{family}";font-weight:{weight};src:url(data:font/woff;base64,{font})}}\n'
    (Path(app.outdir) / "_static" / "icons.css").write_text(sheet, encoding="utf-8")
    for path, page in pages.items():
        slim = THE_REST.sub("", LINK.sub(r'<link href="\1icons.css" rel="stylesheet" />', page))
        if slim != page:
            path.write_text(slim, encoding="utf-8")
    shutil.rmtree(vendor)


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", trim)
