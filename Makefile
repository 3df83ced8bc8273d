# The few commands of this project. `make test` is what CI runs.

export CARGO_BUILD_JOBS ?= 2

.PHONY: run dev test lint advisories bench tools

# Builds everything and serves.
run:
	cargo run --release

# Server on 3001, client with hot reload on 5173.
dev: web/node_modules
	cargo build
	cd web && npm run dev & trap "kill $$!" EXIT; cargo run -- serve

# Installs what the tests need, then runs them all.
test:
	scripts/test

# The quick part: format, lints, types.
lint:
	scripts/lint

# Known faults of our dependencies; fetches the advisory database.
advisories:
	cargo deny check advisories

# Side by side with Socket.IO, coturn and one insert per transaction; prints ratios.
bench:
	cargo bench --bench store
	cargo bench --bench hub
	cargo bench --bench relay
	cargo bench --bench login

# Browsers and the other programs that the tests drive.
tools:
	scripts/tools

web/node_modules: web/package-lock.json
	cd web && npm ci --ignore-scripts
	touch web/node_modules
