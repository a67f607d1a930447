# One command per task. `make demo` and `make test` need nothing but Python 3.11.
PYTHON ?= python3
BIN := .venv/bin

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: ## build the demo town and serve it on this machine
	@$(PYTHON) tools/setup.py runtime
	@$(BIN)/fangxian demo

dev:
	@$(PYTHON) tools/setup.py dev

test: dev ## the whole suite on SQLite and PostgreSQL (ARGS="-k intake" to choose)
	@$(BIN)/python tools/test.py $(ARGS)

check: dev ## style, types, arrows between rooms, migrations, translations, deployment, templates
	@$(BIN)/python tools/check.py

bench: dev ## every benchmark: a table each, figures in build/bench/
	@$(BIN)/python -m bench

fuzz: dev ## the detector with inputs that coverage guides (ARGS="text --seconds 600" to choose)
	@$(BIN)/python tools/fuzz.py $(ARGS)

screenshots: dev ## the pictures of the documentation
	@$(BIN)/python tools/screenshots.py

spark: dev ## what the watch on Spark needs besides: 430 MB, and Java 17 has to be there
	@$(PYTHON) tools/setup.py spark

docs: ## the documentation site, in build/site/
	@$(PYTHON) tools/setup.py docs
	@$(BIN)/mkdocs build --strict --site-dir build/site

lock: dev ## renew the lock files (needs uv)
	@$(BIN)/python tools/lock.py

clean: ## throw away what was built
	rm -rf build .venv var src/fangxian/web/static/vendor

.PHONY: help demo dev test check bench fuzz screenshots spark docs lock clean
