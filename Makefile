# Two commands do everything: `make demo` and `make test`. Both install what they need and say so.
PY := .venv/bin/python

.PHONY: demo test check proof pictures lock clean

demo: ## start a stocked demo store and one kiosk; Ctrl-C stops both
	@scripts/bootstrap.sh runtime
	@$(PY) scripts/demo.py

test: ## everything that continuous integration checks
	@scripts/bootstrap.sh dev
	@$(PY) scripts/check.py

check: test

proof: ## the slow proofs; their last figures stand in docs/
	@scripts/bootstrap.sh dev
	@$(PY) scripts/check.py --proof

pictures: ## make the README's picture again (the end-to-end test photographs the kiosk)
	@scripts/bootstrap.sh dev
	@SESAME_KEEP_PICTURES=1 $(PY) -m pytest -q tests/e2e/test_staff_and_marketing.py -k promotion

lock: ## lock the dependencies of pyproject.toml and package.json again (needs uv and npm)
	uv pip compile pyproject.toml --extra web --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet -o requirements/runtime.lock
	uv pip compile pyproject.toml --extra dev --extra web --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet -c requirements/runtime.lock -o requirements/dev.lock
	echo emupos | uv pip compile - --python-version 3.13 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --quiet -o requirements/simulators.lock
	npm install --package-lock-only --ignore-scripts --no-fund --no-audit
	$(PY) scripts/strip_lock.py

clean: ## forget what was built and what the demo stored
	rm -rf var kiosk/ui/web/dist server/web/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
