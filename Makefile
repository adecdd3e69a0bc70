# Everything is done by the launcher package; these are its short names. `make` alone lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PEOPLE ?= 12000
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test demo bench prove lint format shell check lock

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 16

run: ## start everything: PORT=8000 HOST=127.0.0.1 DATA_DIR=.data
	@exec $(PYTHON) -m launcher.bootstrap run

test: ## all checks and tests: ONLY=lint,types,… PYTEST="tests/x -k y"
	@exec $(PYTHON) -m launcher.bootstrap dev launcher.ci

demo: ## throw the demo county away and make a new one: PEOPLE=12000
	@$(PYTHON) -m launcher.bootstrap prepare run
	@exec $(VENV)/python -m launcher exec -- \
		env ANJU_DB_ROLE=owner sh -c '$(VENV)/python manage.py migrate --verbosity 0 && \
			$(VENV)/python manage.py demo_county --people $(PEOPLE) --reset'

bench: ## the performance suite, on servers and people of its own: ONLY=… PEOPLE=…
	@$(PYTHON) -m launcher.bootstrap prepare dev
	@BENCH=1 DATA_DIR=$(or $(DATA_DIR),.data)/bench exec $(VENV)/python -m launcher exec -- \
		env ANJU_DB_ROLE=owner $(VENV)/python -m bench

prove: ## the promises of the security design, measured: ONLY=H6,H7
	@$(PYTHON) -m launcher.bootstrap prepare dev
	@exec $(VENV)/python -m launcher services -- $(VENV)/python -m prove

lint: ## style, imports and types, without tests
	@exec $(PYTHON) -m launcher.bootstrap dev launcher.ci lint format imports types

format: ## rewrite the code in the house format
	@$(PYTHON) -m launcher.bootstrap prepare dev
	@$(VENV)/ruff check --fix --quiet .
	@$(VENV)/ruff format .

shell: ## a Django shell on the data of DATA_DIR
	@$(PYTHON) -m launcher.bootstrap prepare run
	@exec $(VENV)/python -m launcher exec -- $(VENV)/python manage.py shell

check: ## is this machine fit, is the database migrated
	@$(PYTHON) -m launcher.bootstrap prepare run
	@exec $(VENV)/python -m launcher check

lock: ## compile requirements/*.in again, with hashes and without addresses (UV=path of uv)
	@for name in base run dev tools; do \
		$(or $(UV),uv) pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
			requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done
