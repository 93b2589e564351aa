"""How pages look and what they weigh: colours, the social preview, mended faults of the theme, nothing unused."""

import base64
import io
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import torch
from matplotlib.figure import Figure
from PIL import Image
from sphinx.errors import ExtensionError

from cnncourse.palette import INK, ROLES, css_variables, themed_svg

REPAIRS = {  # what the theme, docutils and Sphinx write: what readers, browsers and assistive technology need
    '"bd-sidebar-primary bd-sidebar">': '"bd-sidebar-primary bd-sidebar" role="region" aria-label="Course">',
    '<summary aria-label="Toggle hidden content">': "<summary>",  # what it shows says more
    'role="doc-biblioentry"': 'role="listitem"',
    # The theme is chosen before the first paint, for which its own script comes too late; paper is light.
    'getItem("mode") || "";': 'getItem("mode") || "auto";',
    'getItem("theme") || "";\n  </script>': """getItem("theme") ||
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    (data => {
      addEventListener("beforeprint", () => { data.onScreen = data.theme; data.theme = "light"; });
      addEventListener("afterprint", () => { data.theme = data.onScreen; });
    })(document.documentElement.dataset);
  </script>""",
    '<meta name="viewport" content="width=device-width, initial-scale=1" />\n': "",  # three times in all
    '  <meta name="viewport" content="width=device-width, initial-scale=1"/>\n': "",
}
ANYWHERE = ("<summary>",)  # a repair that other pages have as well: no sign that a page is mended
ONLY_WITH = {  # assets that every page would load: what must be on the page
    "sphinx-design.min.css": 'class="sd-',
    "design-tabs.js": "sd-tab-set",
    "mystnb.": 'class="cell',
    "copybutton": 'class="highlight',
    "clipboard.min.js": 'class="highlight',
}
LEFT_OUT = (
    "locales",
    "scripts/*.map",
    "scripts/*.LICENSE.txt",
    "*-macros.html",
    "images/logo_[bdj]*",
)  # nothing uses them
PLAIN = re.compile(r'<span class="(?:nn?|p|w)">([^<]*)</span>')  # words of code in the colour of the code around them
EMBEDDED = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
PHOTOGRAPH = 50_000  # bytes; a map or a kernel has fewer
AT_ONCE = re.compile(r'<script src="((?!/)[^"?]*/documentation_options\.js)[^"]*"></script>')  # others need it at once
FOCUSABLE_FORMULAS = """addEventListener("load", () => {
  for (const formula of document.querySelectorAll("div.math"))
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
})"""  # a formula wider than a phone scrolls inside itself: by keyboard as well


def configure(app, config):
    """Set what follows from another setting."""
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path
    config.ogp_site_url = config.html_baseurl


def write_style_sheet(app):
    """Write the palette as CSS variables, and the rules that colour formulas with them."""
    rules = [f".cnn-{role}{{color:var(--cnn-{role})}}" for role in ROLES]
    text = f":root{{{css_variables('light')}}}\nhtml[data-theme=dark]{{{css_variables('dark')}}}\n" + "\n".join(rules)
    folder = Path(app.doctreedir).parent / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "palette.css").write_text(text + "\n", encoding="utf-8")
    app.config.html_static_path.append(str(folder))
    app.add_css_file("palette.css")


def add_script(app, page, template, context, doctree):
    """Add the script for wide formulas to pages that have formulas."""
    if '<div class="math"' in context.get("body", ""):
        app.add_js_file(None, body=FOCUSABLE_FORMULAS)


def finish(app, exception):
    """Let figures follow the theme, mend and lighten the pages, and draw the social preview."""
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    for picture in (site / "_images").glob("*.svg"):
        drawing = picture.read_text(encoding="utf-8")
        lighter = EMBEDDED.sub(_recoded, themed_svg(drawing)) if "Matplotlib v" in drawing else drawing
        if lighter != drawing:
            picture.write_text(lighter, encoding="utf-8")
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    if unused := unused_repairs(pages.values()):
        raise ExtensionError(f"REPAIRS in appearance.py has {unused[0]!r}, which no page contains any more; remove it")
    for page, text in pages.items():
        mended = mend(text, page.parent)
        if mended != text:
            page.write_text(mended, encoding="utf-8")
    for pattern in LEFT_OUT:
        for path in (site / "_static").glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    draw_social_preview(app.config.html_title, site / "_static" / "social.png")


def unused_repairs(pages, repairs=REPAIRS):
    """Return the faults that no page of a fresh build has; empty after an incremental build, whose pages are mended.

    Parameters
    ----------
    pages : iterable of str
        HTML of the whole site.
    repairs : dict of str to str

    Returns
    -------
    list of str
    """
    pages = list(pages)
    if any(repair and repair not in ANYWHERE and repair in page for repair in repairs.values() for page in pages):
        return []
    return [fault for fault in repairs if not any(fault in page for page in pages)]


def _recoded(embedded):
    """Return a photograph inside an SVG as WebP, which takes a tenth of a PNG's bytes; small pictures stay exact."""
    content = base64.b64decode(embedded[1])
    if len(content) < PHOTOGRAPH:
        return embedded[0]
    file = io.BytesIO()
    with Image.open(io.BytesIO(content)) as picture:
        picture.save(file, "WEBP", quality=85, method=6)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"


def mend(page, folder):
    """Mend a page and take off what it does not use; a mended page stays as it is.

    Parameters
    ----------
    page : str
        HTML as Sphinx wrote it.
    folder : pathlib.Path
        Where the page lies: pictures are measured, so that the page does not jump when they arrive.

    Returns
    -------
    str

    Examples
    --------
    >>> mend('<script src="../_static/doctools.js"></script>', Path())
    '<script defer src="../_static/doctools.js"></script>'
    >>> mend('<span class="n">x</span><span class="o">=</span>', Path())
    'x<span class="o">=</span>'
    >>> mend('<head><link href="_static/sphinx-design.min.css?v=1" rel="stylesheet" /></head>', Path())
    '<head></head>'
    """
    for fault, repair in REPAIRS.items():
        page = page.replace(fault, repair)
    for asset, user in ONLY_WITH.items():
        if user not in page:
            name = re.escape(asset)
            page = re.sub(rf"\s*<link [^>]*/{name}[^>]*>|\s*<script [^>]*/{name}[^>]*></script>", "", page)
    page = PLAIN.sub(r"\1", page)  # a third of all elements of a chapter
    page = AT_ONCE.sub(lambda tag: f"<script>{(folder / tag[1]).read_text(encoding='utf-8')}</script>", page)
    page = page.replace("SEARCH_SUMMARY: true", 'SEARCH_SUMMARY: location.protocol !== "file:"')  # folders refuse
    page = re.sub(r'<script (src="(?![^"]*documentation_options)[^"]*")>', r"<script defer \1>", page)
    return re.sub(
        r'<img (?![^>]*\b(?:loading|height)=)[^>]*src="([^":]*)"[^>]*>', lambda tag: _sized(tag, folder), page
    )


def _sized(tag, folder):
    """Return an image tag with the picture's size, to be loaded when the reader comes near."""
    width, height = picture_size(folder / unquote(urlsplit(tag[1]).path))
    return f'<img loading="lazy" width="{width}" height="{height}" {tag[0].removeprefix("<img ")}'


def picture_size(path):
    """Return a picture's width and height in CSS pixels.

    Parameters
    ----------
    path : pathlib.Path
        An SVG of Matplotlib, or any format that Pillow reads.

    Returns
    -------
    (int, int)
    """
    if path.suffix != ".svg":
        with Image.open(path) as picture:
            return picture.size
    points = re.search(
        r'<svg\b[^>]*?width="([\d.]+)pt" height="([\d.]+)pt"|<svg\b[^>]*?height="([\d.]+)pt"[^>]*?width="([\d.]+)pt"',
        path.read_text(encoding="utf-8"),
    )
    return round(float(points[1]) * 4 / 3), round(float(points[2]) * 4 / 3)


def draw_social_preview(title, path):
    """Draw the picture that other sites show beside a link: an edge, a kernel and its answer, 1200 x 630 pixels.

    Parameters
    ----------
    title : str
    path : path-like
        The PNG file to write.
    """
    from cnncourse.convolution import corr2d
    from cnncourse.plotting import ring, show_image, show_kernel

    image, kernel = torch.zeros(6, 6), torch.tensor([[1.0, 0, -1]] * 3)
    image[:, :3] = 10
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="white", layout=None)
    figure.text(0.06, 0.82, title, fontsize=38, fontweight="bold", color=INK[0])
    panels = [
        figure.add_axes(box)
        for box in ((0.06, 0.1, 0.3, 0.571), (0.43, 0.243, 0.15, 0.286), (0.66, 0.148, 0.25, 0.476))
    ]
    show_image(image, panels[0], values=True, limits=(0, 10), role="input")
    ring(panels[0], 1, 2, 3, 3, role="kernel")
    show_kernel(kernel, panels[1])
    show_kernel(corr2d(image, kernel), panels[2], role="output")
    for panel in panels:
        for text in panel.texts:
            text.set_fontsize(20)
    figure.savefig(path, dpi=100, metadata={"Software": None})


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", configure, priority=100)
    app.connect("builder-inited", write_style_sheet)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", finish)
