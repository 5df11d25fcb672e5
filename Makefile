# Short names for the words of run.py, which does the work. Arguments: make test ARGS="-k letters"
PYTHON ?= python3

.PHONY: run setup test lint bench drill lock clean help
run setup test lint bench drill lock clean help:
	@$(PYTHON) run.py $@ $(ARGS)
