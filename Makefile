# Every target sets up what it needs in .venv and says where its result is. README lists the plain commands behind them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := 0.13.9
CHAPTERS := $(wildcard book/*.ipynb)

.PHONY: help site pdf zip test test-fast test-slow lab notebooks bench bench-convolution bench-training bench-grading studies mutants lint clean
.DELETE_ON_ERROR:

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /: /'

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	  || { echo "cnncourse needs Python 3.10 or newer; say which with: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install uv==$(UV)
	$(BIN)/uv pip install --python $(BIN)/python --compile-bytecode -r requirements.txt
	@$(BIN)/python -c 'import matplotlib.pyplot'  # builds the font cache now, and not noisily in a chapter
	@touch $@

site: $(READY)  ## run the chapters and build the book
	$(BIN)/jupyter-book build . --warningiserror --keep-going
	@echo
	@echo "The site is in _build/html. Open _build/html/index.html in a browser, or serve it:"
	@echo "  $(BIN)/python -m http.server --directory _build/html"

pdf: site  ## print the whole book into one PDF beside the site; needs Chromium
	$(BIN)/python tools/print_book.py

zip: site  ## pack the site to read offline
	$(BIN)/python tools/pack_site.py

test: $(READY)  ## run the tests and prove every printed number of the chapters
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=auto --dist=loadfile \
	  --nbval --nbval-current-env --nbval-cell-timeout=300 cnncourse tests book

test-fast: $(READY)  ## the tests for editing: no browser, no sandbox, no chapters
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=auto --dist=loadfile -m 'not slow and not browser and not sandbox' \
	  tests/checking tests/convolution tests/data tests/models tests/interpretation tests/extensions/test_quiz.py \
	  tests/test_files.py tests/test_tables.py tests/test_geometry.py tests/test_channels.py tests/test_layers.py tests/test_pooling.py

test-slow: $(READY)  ## what make test leaves out: the site in a browser, studies, attacks on the grader, the wheel
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=auto --dist=loadfile -m slow tests

lab: $(READY)  ## open JupyterLab on copies of the chapters
	@mkdir -p lab
	@for chapter in $(CHAPTERS); do test -e lab/$${chapter#book/} || cp $$chapter lab/; done
	@echo "Working on copies in lab/; a copy that is there already is kept. Delete one to get it fresh."
	$(BIN)/jupyter lab --notebook-dir=lab

notebooks: $(READY)  ## run every chapter and write its outputs back, normalised
	$(BIN)/python tools/notebooks.py $(CHAPTERS)

bench: bench-convolution bench-grading  ## measure our convolutions beside PyTorch's, our grader beside nbgrader's

bench-convolution bench-training bench-grading: bench-%: $(READY)
	$(BIN)/python -m benchmarks $*

studies: $(READY)  ## rerun the multi-seed experiments that chapters quote
	$(BIN)/python -m studies

mutants: $(READY)  ## change the solved exercises mechanically and count what the checks catch
	$(BIN)/python -m cnncourse.exercises.mutants

lint: $(READY)  ## check style, types, the direction of imports and the workflow files
	@command -v npx >/dev/null || { echo "make lint needs npx (of Node.js): it runs TypeScript over the scripts" >&2; exit 1; }
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/biome check --error-on-warnings
	npx --yes --package=typescript@7.0.2 tsc --project tsconfig.json
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

clean:  ## remove what was built; .venv and lab/ stay
	rm -rf _build build dist .pytest_cache .hypothesis .ruff_cache
