# What this project offers on the command line; `make` alone lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# Gates take turns, whatever -j says: each headline stands above its own output.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
BIN := .venv/bin
# pytest's workers. Two fit any machine; more if there are cores to spare: make test WORKERS=8
WORKERS ?= 2

headline = @printf '\n== %s\n' $(1)

.PHONY: help setup demo test test-slow lint types imports bank wheel units format startup reference lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv with everything in it; done by every other target
	@setup/environment.sh
	@setup/system_libraries.sh

demo: setup ## an exam, a graded submission, a leaderboard: the whole way once, into build/demo
	@setup/demo.sh

test: setup lint types imports bank wheel units ## every gate, as CI runs them

lint: setup ## ruff: rules and format
	$(call headline,lint)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/python setup/command_reference.py --check
	@$(BIN)/python setup/writing_answers.py --check

types: setup ## mypy, strict on everything that ships
	$(call headline,types)
	@$(BIN)/mypy

imports: setup ## import-linter: who may import whom
	$(call headline,imports)
	@$(BIN)/lint-imports --no-logo

bank: setup ## the questions: schema, draws, two routes to each key, typesetting, item writing
	$(call headline,"question bank")
	@$(BIN)/question-bank check --strict $(if $(CI),--again)

wheel: setup ## build the wheel and use it in an environment of its own
	$(call headline,wheel)
	@$(BIN)/python tests/packaging/wheel_smoke.py build/wheel

units: setup ## pytest, without the slow tests
	$(call headline,tests)
	@$(BIN)/python -m pytest -q -n $(WORKERS) -m 'not slow'

test-slow: setup ## pytest, the slow tests alone
	@$(BIN)/python -m pytest -q -n $(WORKERS) -m slow

format: setup ## put the code into ruff's format, and mend what ruff can mend
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

startup: setup ## how long --help takes, beside bare Python
	@$(BIN)/python benchmarks/startup.py

reference: setup ## write docs/commands.md from the commands, docs/writing_answers.md from the answer tables
	@$(BIN)/python setup/command_reference.py
	@$(BIN)/python setup/writing_answers.py

lock: setup ## resolve requirements.lock anew; UPGRADE=--upgrade takes the newest
	@setup/lock.sh $(UPGRADE)

clean: ## remove what was made, the environment too
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
