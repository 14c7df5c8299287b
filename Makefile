# Two commands set up everything they need: `make demo` runs the main job, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

.PHONY: demo test check
demo: $(READY)
	$(VENV)/bin/diagnose demo

test: $(READY)
	$(VENV)/bin/python -m pytest --numprocesses auto --dist loadfile

check:
	.ci/run

$(READY): pyproject.toml constraints.txt
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@
