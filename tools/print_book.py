"""Print the built site as one PDF: `python tools/print_book.py [SITE]`, or `make pdf`.

All pages become one long page in the order of the table of contents, which Chromium prints: live figures are their
still pictures, code is unfolded, the answers of questions and predictions follow the last chapter, links between
chapters lead inside the PDF, headings become its bookmarks. It is printed twice: the first time tells on which page
each chapter begins, the second writes these numbers into the contents.
"""

import re
import shutil
import sys
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import yaml
from bs4 import BeautifulSoup
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, TextStringObject

sys.path.insert(0, str(Path(__file__).parent.parent / "book"))
from extensions.built_with import built_with
from extensions.downloads import link

ROOT = Path(__file__).parent.parent
SITE = ROOT / "_build" / "html"
NO_CHROMIUM = "make pdf needs Chromium to print the pages; on Debian and Ubuntu: apt-get install chromium"
QUESTIONS = ":is(.cnn-quiz, .cnn-predict) > details"
ANSWERS = "answers"  # the document that holds them; no page of the site has this name
NOT_PRINTED = """script, template, img.cnn-dark, .headerlink, .copybtn, .cnn-downloads, .cnn-buttons, .cnn-quiz-check,
.cnn-quiz-number"""
FOOTER = """<style>
div{{display:flex;justify-content:space-between;width:100%;box-sizing:border-box;padding:0 18mm;font:8pt Arial}}
</style>
<div><span>{title}</span><span class="pageNumber"></span></div>"""


def table_of_contents(root=ROOT):
    """Return the parts of the book with the stems of their pages, the opening page first.

    Returns
    -------
    list of (str, list of str)
    """
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    parts = [(part["caption"], [page["file"] for page in part["chapters"]]) for part in contents["parts"]]
    return [("", [contents["root"]]), *parts]


def whole_book(site, numbers=()):
    """Write all pages of a site as one HTML document.

    Parameters
    ----------
    site : pathlib.Path
        The folder of the built site.
    numbers : mapping of str to int
        The page number of each chapter, by its document; empty as long as it is not known.

    Returns
    -------
    str
    """
    parts = table_of_contents()
    numbers = dict(numbers)
    pages = {
        name: BeautifulSoup((site / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        for _, p in parts
        for name in p
    }
    opening = next(iter(pages.values()))
    title = opening.find("meta", property="og:site_name")["content"]
    titles = {name: page.h1.get_text().rstrip("#") for name, page in pages.items()} | {ANSWERS: "Answers"}
    articles = [adapted(page, name, pages) for name, page in pages.items()]
    taken = {name: take_answers(article) for name, article in zip(pages, articles, strict=True)}
    answers = "".join(f"<h2>{titles[name]}</h2>{''.join(found)}" for name, found in taken.items() if found)
    contents = "".join(
        f'<p class="cnn-part">{part}</p><ol>{"".join(_line(name, titles[name], numbers) for name in names)}</ol>'
        for part, names in [*parts, ("Answers", [ANSWERS])]
        if part
    )
    sheets = "".join(
        dict.fromkeys(str(tag) for page in pages.values() for tag in page.select("head link[rel=stylesheet]"))
    )
    facts = built_with()
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    return f"""<!doctype html>
<html lang="en" data-theme="light" data-mode="light"><head><meta charset="utf-8"><title>{title}</title>
{sheets.replace('href="../', 'href="')}<link rel="stylesheet" href="_static/paper.css"></head><body>
<header class="cnn-title"><p class="cnn-book">{title}</p><p>The cnncourse authors</p>
<p>{facts["date"]}<br>{versions}</p></header>
<nav class="cnn-contents"><p class="cnn-book">Contents</p>{contents}</nav>
<main class="bd-article">{"".join(map(str, articles))}<section class="bd-article" id="{_id(ANSWERS)}">
<h1>{titles[ANSWERS]}</h1>{answers}</section></main></body></html>"""


def _line(name, title, numbers):
    return f'<li><a href="#{_id(name)}"><span>{title}</span><span>{numbers.get(name, "000")}</span></a></li>'


def _id(name, fragment=""):
    return f"{Path(name).name}--{fragment}"


def adapted(page, name, pages):
    """Return a page's article as it stands in the book: its ids and links made unique, its folds open.

    Parameters
    ----------
    page : BeautifulSoup
    name : str
        Its document, such as ``"book/pooling"``.
    pages : collection of str
        The documents that the book holds; links to others lead to the published site.

    Returns
    -------
    bs4.Tag
    """
    base = page.find("link", rel="canonical")["href"]
    article = page.find("article", class_="bd-article")
    for tag in article.select(NOT_PRINTED):
        tag.decompose()
    for tag in article.find_all(id=True):
        tag["id"] = _id(name, tag["id"])
    for tag in article.find_all("label", attrs={"for": True}):
        tag["for"] = _id(name, tag["for"])
    for tag in article.find_all("details"):
        if not tag.find_parent(class_="cnn-exercise"):  # hints and solutions stay folded
            tag["open"] = ""
    for tag in article.find_all("img"):
        del tag["loading"]
        tag["src"] = tag["src"].removeprefix("../")
    for tag in article.find_all("a", href=True):
        address, fragment = urldefrag(urljoin(base, tag["href"]))
        target = re.search(r"(book/[^/]*)\.html$", address)
        fragment = fragment.partition("?")[0]  # behind the question mark stands the state of a live figure
        tag["href"] = f"#{_id(target[1], fragment)}" if target and target[1] in pages else urljoin(base, tag["href"])
    article.name = "section"
    article["id"] = _id(name)
    return article


def take_answers(article):
    """Take the answers of a chapter's questions and predictions out of it, and leave a link to each in its place.

    Parameters
    ----------
    article : bs4.Tag
        As `adapted` returns it.

    Returns
    -------
    list of str
        Each with a link back to its question, for the end of the book.
    """
    taken = []
    for number, fold in enumerate(article.select(QUESTIONS), start=1):
        question = fold.parent["id"]
        fold.summary.decompose()
        taken.append(
            f'<div class="cnn-answer" id="{question}-answer"><p><a href="#{question}">Question {number}</a></p>'
            f"{fold.decode_contents()}</div>"
        )
        link = f'<p><a href="#{question}-answer">Question {number}: the answer is at the end of the book</a></p>'
        fold.replace_with(BeautifulSoup(link, "html.parser"))
    return taken


def print_book(site=SITE):
    """Print the site in `site` to ``cnncourse.pdf`` beside its pages.

    Raises
    ------
    SystemExit
        If Chromium or the site is missing, with a sentence that says what to do.
    """
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if not executable:
        sys.exit(NO_CHROMIUM)
    if not (site / "index.html").is_file():
        sys.exit(f"there is no site in {site}; make site builds it")
    names = [*(name for part, names in table_of_contents() if part for name in names), ANSWERS]
    target, page_file = site / "cnncourse.pdf", site / "whole-book.html"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
            numbers = {}
            for _ in range(2):
                page_file.write_text(whole_book(site, numbers), encoding="utf-8")
                page = browser.new_page(color_scheme="light")
                page.goto(page_file.as_uri(), wait_until="load")
                page.evaluate("document.fonts.ready.then(() => null)")
                title = page.title()
                page.pdf(
                    path=target,
                    format="A4",
                    margin={"top": "18mm", "bottom": "18mm", "left": "18mm", "right": "18mm"},
                    print_background=True,
                    display_header_footer=True,
                    header_template="<span></span>",
                    footer_template=FOOTER.format(title=title),
                    outline=True,
                    tagged=True,
                )
                page.close()
                numbers = first_pages(target, names)
            browser.close()
    finally:
        page_file.unlink(missing_ok=True)
    mend_bookmarks(target)
    link(site)
    return target


def mend_bookmarks(pdf):
    """Write each bookmark's title once: Chromium 156 writes the title of a heading at the top of a page twice."""
    writer = PdfWriter(clone_from=pdf)
    waiting = [writer.root_object["/Outlines"]]
    while waiting:
        mark = waiting.pop().get_object()
        title = mark.get("/Title", "")
        half = len(title) // 2
        if title and title[:half] == title[half:]:
            mark[NameObject("/Title")] = TextStringObject(title[:half])
        waiting += [mark[key] for key in ("/First", "/Next") if key in mark]
    writer.write(pdf)


def first_pages(pdf, names):
    """Return the page number on which each document begins.

    Parameters
    ----------
    pdf : path-like
    names : sequence of str
        Documents to which the book's own table of contents links.

    Returns
    -------
    dict of str to int
    """
    reader = PdfReader(pdf)
    places = reader.named_destinations
    return {name: reader.get_destination_page_number(places[f"/{_id(name)}"]) + 1 for name in names}


if __name__ == "__main__":
    print(f"The book is in {print_book(*map(Path, sys.argv[1:2]))}.")
