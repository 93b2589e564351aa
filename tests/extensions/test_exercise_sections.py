"""Exercises on a page: a heading with a permalink and a contents entry, a stub to copy, no call above the box."""

import pytest
from bs4 import BeautifulSoup

EXTENSIONS = ["myst_nb", "sphinx_copybutton", "extensions.exercise_sections", "extensions.predictions"]
PAGE = """---
kernelspec: {display_name: Python 3, name: python3}
file_format: mystnb
---
# Page

```{contents}
```

## Exercises

```{code-cell}
from cnncourse.exercises import exercise
exercise("max_pool2d")
```

```{code-cell}
print("belongs to it")
```

```{code-cell}
exercise("avg_pool2d")
```

```{code-cell}
from cnncourse.figures import predict
predict("dropout-draws", answer=3)
```

## References

Words.
"""


@pytest.fixture
def page(small_book):
    settings = {
        "source_suffix": {".md": "myst-nb"},  # Sphinx's default is one dict for all books of a process
        "nb_render_markdown_format": "myst",
        "nb_execution_mode": "force",
        "nb_mime_priority_overrides": [["html", "text/html", 0]],
        "nb_execution_timeout": 120,
    }
    site = small_book(EXTENSIONS, PAGE, **settings)
    return BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")


@pytest.mark.slow
def test_exercises_are_sections_and_predictions_bring_their_script(page):
    section = page.select_one("section#exercise-max-pool2d")
    assert section.parent["id"] == "exercises"
    assert section.h3.get_text().startswith("Exercise max_pool2d")
    assert section.h3.select_one("a.headerlink")["href"] == "#exercise-max-pool2d"
    box = section.select_one(".cnn-exercise")
    assert box.p.get_text().startswith("6 points · about 15 minutes · after")
    assert 'exercise("max_pool2d")' not in section.get_text()
    assert "belongs to it" in section.get_text()
    stub = box.select_one("div.highlight pre").get_text()
    assert stub.startswith("def max_pool2d(")
    assert stub.rstrip().endswith("raise NotImplementedError")
    entries = [link.get_text() for link in page.select("nav.contents a")]
    assert entries == ["Page", "Exercises", "Exercise max_pool2d", "Exercise avg_pool2d", "References"]
    assert page.select_one("section#references").parent["id"] == "page"
    assert page.select_one("form.cnn-predict")["data-answer"] == "3"
    assert "predict(" not in page.get_text()
    assert page.select_one('script[src*="predictions/prediction.js"]')
    assert page.select_one('link[href*="predictions/prediction.css"]')
