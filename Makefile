# Two commands do everything: `make run` and `make test`. Each does all its own set-up.
# What is done and why is in local/: this file only names it.

PYTHON ?= python3
WORKERS ?= 2
PREPARE = @$(PYTHON) -m local.prepare
HERE = .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help run test check bench catalogue lock clean python

help: ## print this
	@echo "make ..."
	@sed -n 's/^\([a-z]*\): .*## \(.*\)/  \1 \2/p' Makefile | while read -r name what; do printf '  %-9s  %s\n' "$$name" "$$what"; done

run: python ## start the whole pharmacy here (RESET=1 afresh, PORT=8000, MAILBOX_PORT=8025); Ctrl-C ends it
	$(PREPARE) run
	@exec $(HERE) -m local.run $(if $(filter-out 0,$(RESET)),--reset) $(if $(PORT),--port $(PORT)) $(if $(MAILBOX_PORT),--mailbox-port $(MAILBOX_PORT))

test: python ## run every test on servers of its own (ARGS="tests/domain -k price" for some, WORKERS=2)
	$(PREPARE) test
	@exec $(HERE) -m pytest -n $(WORKERS) --dist worksteal --output test-output/browser --tracing retain-on-failure $(ARGS)

check: python ## style, types, layers, dependencies
	$(PREPARE) check
	@exec $(HERE) -m local.checks

bench: python ## measure, each figure beside its floor (ARGS to choose)
	$(PREPARE) check
	@exec $(HERE) -m bench $(ARGS)

catalogue: python ## gather the console's words into the catalogues of other languages and compile them
	$(PREPARE) check
	@exec $(HERE) -m local.catalogue

lock: python ## write the locked requirements anew (UPGRADE=1 takes newer versions)
	$(PREPARE) lock $(if $(filter-out 0,$(UPGRADE)),--upgrade)

clean: ## delete what was installed and built; the data of `make run` (.data) stay
	@rm -rf .venv build test-output pharmacy/web/static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 7))' 2>/dev/null || { echo "Python 3.11 or newer is needed, and $(PYTHON) is none: install one, or say which to take with make PYTHON=..."; exit 1; }
