"""What the book needs from Sphinx and no other extension gives, one concept per file; not part of the package.

- `execution`: chapters run again when anything that their outputs depend on has changed, not only their own text.
- `formulas`: TeX becomes MathML when the site is built, in the role colours (``\\inp{x}``); no script shows it.
- `fonts`: fonts cut down to the characters in use.
- `appearance`: colours from :mod:`cnncourse.palette`, the social preview, faults of the theme mended, weight taken off.
- `icons`: the few icons of the theme that the pages show, instead of the whole of Font Awesome.
- `bundles`: one style sheet a page instead of a dozen.
- `landing`: the landing page's thumbnails, chapter path and checked answer; what the site was built with.
- `downloads`: the links to the PDF and the zip, where these files exist.
- `quiz`: the `{quiz}` directive.
- `live_figures`: the scripts of interactive figures on the pages that use them.
- `sitemap`: all pages in the sitemap after every build.
"""

from importlib.metadata import version

from . import appearance, bundles, downloads, execution, formulas, icons, landing, live_figures, quiz, sitemap


def setup(app):
    """Register with Sphinx."""
    app.add_config_value("comments_config", {}, "")  # Jupyter Book sets it for an extension that is left out
    for part in (execution, quiz, live_figures, formulas, landing, downloads, appearance, icons, bundles, sitemap):
        part.setup(app)
    return {"version": version("cnncourse"), "parallel_read_safe": True, "parallel_write_safe": True}
