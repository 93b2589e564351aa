"""What the book needs from Sphinx and no other extension gives.

- Chapters are executed again when anything that they depend on has changed, not only their own text.
- MathJax and its fonts are copied into the site, and formulas know the role colours (``\\inp{x}``).
- Colours of figures, formulas and pages come from :mod:`cnncourse.palette`.
- The social preview is drawn, and a few accessibility faults of the theme are mended.
"""

import hashlib
import os
import shutil
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import torch
from matplotlib.figure import Figure
from sphinx.util.fileutil import copy_asset_file

from cnncourse.palette import INK, ROLES, css_variables, formula_macros, themed_svg

PACKAGE = Path(__file__).parent
EXECUTION_DEPENDS_ON = ("torch", "numpy", "matplotlib", "scikit-learn")  # besides the package itself
HTML_REPAIRS = {  # what the theme and docutils write: what assistive technology needs
    '"bd-sidebar-primary bd-sidebar">': '"bd-sidebar-primary bd-sidebar" role="region" aria-label="Course">',
    'role="doc-biblioentry"': 'role="listitem"',
}
EARLY_THEME = """(data => {
  data.mode ||= "auto";
  data.theme ||= matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
})(document.documentElement.dataset)"""  # before the first paint; the theme's own script comes too late for that
FOCUSABLE_FORMULAS = """addEventListener("load", () => window.MathJax?.startup?.promise?.then(() => {
  for (const formula of document.querySelectorAll('mjx-container[display="true"]'))
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
}))"""  # a formula wider than a phone scrolls inside itself: by keyboard as well
MATHJAX_FILES = ("tex-chtml.js", "input/tex/extensions/html.js", "output/chtml/fonts/woff-v2/*.woff")


def source_digest(package=PACKAGE):
    """Return a short hash of all that a chapter's output can depend on, the chapter itself left out.

    Parameters
    ----------
    package : pathlib.Path
        The folder whose files count, besides the versions of the libraries that draw and compute.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for name in EXECUTION_DEPENDS_ON:
        digest.update(f"{name} {version(name)}\n".encode())
    return digest.hexdigest()[:16]


def configure(app, config):
    """Set what follows from the package or from another setting."""
    os.environ["CNNCOURSE_SITE"] = "1"  # figures are drawn for the site, see plotting.use_style
    os.environ["OMP_NUM_THREADS"] = "1"  # sums in one order on every machine

    caches = Path(app.outdir).parent / "executed"
    cache = caches / source_digest()
    for stale in caches.glob("*"):
        if stale != cache:
            shutil.rmtree(stale)
    config.nb_execution_cache_path = str(cache)  # Sphinx reads all chapters again when this changes

    config.mathjax_path = "mathjax/tex-chtml.js"
    config.mathjax3_config = {
        "loader": {"load": ["[tex]/html"]},
        "tex": {
            "packages": {"[+]": ["html"]},
            "macros": {name: list(macro) for name, macro in formula_macros().items()},
        },
        "options": {"enableMenu": False},  # the menu would load parts that the site does not carry
    }
    config.notfound_urls_prefix = urlsplit(config.html_baseurl).path


def write_style_sheet(app):
    """Write the palette as CSS variables, and the rules that colour formulas with them."""
    rules = [f".{'cnn-' + role}{{color:var(--cnn-{role})}}" for role in ROLES]
    text = f":root{{{css_variables('light')}}}\nhtml[data-theme=dark]{{{css_variables('dark')}}}\n" + "\n".join(rules)
    folder = Path(app.doctreedir).parent / "generated"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "palette.css").write_text(text + "\n", encoding="utf-8")
    app.config.html_static_path.append(str(folder))
    app.add_css_file("palette.css")
    app.add_js_file(None, body=EARLY_THEME)
    app.add_js_file(None, body=FOCUSABLE_FORMULAS)


def finish(app, exception):
    """Put MathJax and the social preview into the site and let its figures follow the theme."""
    if getattr(app, "_warncount", 0):  # so that the next build warns again of what this one has read already
        (Path(app.doctreedir) / "environment.pickle").unlink(missing_ok=True)
    if exception is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    mathjax = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax"
    for pattern in MATHJAX_FILES:
        for source in mathjax.glob(pattern):
            target = site / "_static" / "mathjax" / source.relative_to(mathjax)
            target.parent.mkdir(parents=True, exist_ok=True)
            copy_asset_file(str(source), str(target))
    for picture in (site / "_images").glob("*.svg"):
        drawing = picture.read_text(encoding="utf-8")
        if "Matplotlib v" in drawing:
            picture.write_text(themed_svg(drawing), encoding="utf-8")
    for page in site.rglob("*.html"):
        text = repaired = page.read_text(encoding="utf-8")
        for fault, repair in HTML_REPAIRS.items():
            repaired = repaired.replace(fault, repair)
        if repaired != text:
            page.write_text(repaired, encoding="utf-8")
    draw_social_preview(app.config.html_title, site / "_static" / "social.png")


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
    app.add_config_value("comments_config", {}, "")  # Jupyter Book sets it for an extension that is left out
    app.connect("config-inited", configure, priority=100)
    app.connect("builder-inited", write_style_sheet)
    app.connect("build-finished", finish)
    return {"version": version("cnncourse"), "parallel_read_safe": True, "parallel_write_safe": True}
