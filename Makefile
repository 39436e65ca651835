# `make run` serves the app, `make test` runs everything; both install what they need.
SHELL := /bin/bash
UV := $(shell command -v uv || echo .tools/bin/uv)
export UV_PYTHON_DOWNLOADS ?= never
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run demo test lint quick bench pictures messages browser clean

run: $(UV)
	@$(UV) sync -q --no-default-groups
	@exec $(UV) run -q --no-default-groups app.py

# The same, with people who ask for help and vehicles that drive.
demo: $(UV)
	@$(UV) sync -q --no-default-groups
	@exec $(UV) run -q --no-default-groups python data/play_demo.py

test: $(UV) lint browser
	$(UV) run -q pytest

quick: $(UV)
	$(UV) run -q pytest -m "not browser"

lint: $(UV)
	$(UV) sync -q
	$(UV) run -q ruff check .
	$(UV) run -q ruff format --check .
	$(UV) run -q mypy
	$(UV) run -q lint-imports --no-cache

# A Chromium and a Chinese font, from wherever this machine gets them.
browser: $(UV)
	@$(UV) sync -q
	@$(UV) run -q python tests/chromium.py

bench: $(UV) browser
	$(UV) sync -q --group bench
	@for table in nearest http_load map home stock_forecast stock_replenish stock_takes stock_pages stock_sheets board dispatch morning positions roster; do $(UV) run -q --group bench python bench/$$table.py || exit 1; done

pictures: $(UV) browser
	$(UV) run -q python docs/pictures.py

messages: $(UV)
	$(UV) run -q python -m stations.translations.extract

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.tools/bin/uv:
	@mkdir -p .tools
	@python3 -m pip install -q --disable-pip-version-check --target .tools uv 2>/dev/null \
	  || { python3 -m venv .tools/venv && .tools/venv/bin/pip install -q uv && mkdir -p .tools/bin \
	  && ln -sf ../venv/bin/uv .tools/bin/uv; }
