"""The site on paper and without a network."""

import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from tools.pack_site import pack_site
from tools.print_book import ANSWERS, NO_CHROMIUM, SITE, first_pages, print_book, table_of_contents, whole_book

from .conftest import ROOT

pytestmark = pytest.mark.slow
CHAPTERS = [name for part, names in table_of_contents() if part == "Chapters" for name in names]


@pytest.mark.browser
def test_the_zip_works_without_a_server(chromium, copied, tmp_path):
    with zipfile.ZipFile(pack_site(copied)) as packed:
        packed.extractall(tmp_path)
    start = (tmp_path / "cnncourse" / "index.html").as_uri()
    context = chromium.new_context()
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda r: "favicon" in r.url or faults.append(r.url))  # which the redirect cuts off
    page.on("request", lambda request: request.url.startswith("http") and faults.append(request.url))
    page.goto(start)
    page.wait_for_url("**/book/intro.html")
    page.wait_for_function("document.querySelector('cnn-kernels-on-photo').shadowRoot")
    page.goto(start.replace("index", "book/convolution"))
    page.keyboard.press("Shift")  # figures far below are drawn now
    page.wait_for_function("document.querySelector('cnn-convolution-explorer').shadowRoot")
    assert page.evaluate("document.fonts.load('16px \"Course formulas\"').then(fonts => fonts.length)") == 1
    page.locator("form.cnn-quiz input[type=radio]").first.check()
    page.locator("form.cnn-quiz button").first.click()
    assert page.locator(".cnn-quiz-feedback strong").first.inner_text()
    page.goto(start.replace("index", "search") + "?q=padding")
    page.wait_for_selector("#search-results li a")
    context.close()
    assert not faults


@pytest.mark.browser
def test_the_pdf_holds_every_chapter_and_a_picture_in_each(require, copied, pages):
    require(shutil.which("chromium") or shutil.which("google-chrome"), "chromium is not installed")
    command = [sys.executable, ROOT / "tools" / "print_book.py", copied]  # a process may hold one Playwright only
    subprocess.run(command, check=True, timeout=600)
    reader = PdfReader(copied / "cnncourse.pdf")
    begins = first_pages(copied / "cnncourse.pdf", CHAPTERS)
    ends = [*list(begins.values())[1:], begins[CHAPTERS[-1]] + 5]
    contents = reader.pages[1].extract_text()
    headings = {mark.title for mark in reader.outline if not isinstance(mark, list)}
    for (name, begin), end in zip(begins.items(), ends, strict=True):
        title = pages[f"{name}.html"].h1.find(string=True)
        assert re.search(rf"{re.escape(title)}\s+{begin}\n", contents), contents
        assert title in headings
        assert title in reader.pages[begin - 1].extract_text()
        assert any("/XObject" in page["/Resources"] for page in reader.pages[begin - 1 : end - 1]), name
    last = first_pages(copied / "cnncourse.pdf", [ANSWERS])[ANSWERS]
    assert re.search(rf"Answers\s+{last}\n", f"{contents}\n"), contents
    assert (copied / "book" / "running.html").read_text(encoding="utf-8").count('href="../cnncourse.pdf"') == 1


def test_each_question_of_the_book_leads_to_its_answer_at_the_end_and_back(site, pages):
    book = BeautifulSoup(whole_book(site), "html.parser")
    chapters, answers = book.find("main"), book.find(id=f"{ANSWERS}--").extract()
    questions = chapters.select("form:is(.cnn-quiz, .cnn-predict)")
    assert len(questions) == sum(len(page.select("form:is(.cnn-quiz, .cnn-predict)")) for page in pages.values())
    for question in questions:
        assert not question.find("details")
        (link,) = question.select("a[href$='-answer']")
        answer = answers.find(id=link["href"].removeprefix("#"))
        assert answer.a["href"] == f"#{question['id']}"
        assert len(answer.get_text(strip=True)) > len(answer.a.get_text(strip=True))
    for fold in chapters.find_all("details"):  # what is left: code and results, open; hints and solutions, closed
        assert fold.has_attr("open") != bool(fold.find_parent(class_="cnn-exercise")), fold.summary.get_text()


def test_printing_without_chromium_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as stopped:
        print_book(SITE)
    assert stopped.value.code == NO_CHROMIUM
