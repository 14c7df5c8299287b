# Two commands set up everything they need: `make demo` runs the main job, `make test` passes the tests.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

.PHONY: demo test check
demo: $(READY)
	@echo "Writing an example run into run-v15 and judging it; about ten seconds."
	@$(VENV)/bin/diagnose demo

test: $(READY)
	@echo "Running all tests; about five minutes on two cores."
	@$(VENV)/bin/python -m pytest --numprocesses auto --dist loadfile

check:
	.ci/run

$(READY): pyproject.toml constraints.txt
	@echo "Setting up $(VENV): 350 MB to download with the CPU build of torch, 1.4 GB on disk; two to three minutes."
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[full,dev]'
	@touch $@
	@echo "Done. To have the command in this shell: source $(VENV)/bin/activate"
