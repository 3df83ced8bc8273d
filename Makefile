# The few commands of this project. `make test` is what CI runs.

export CARGO_BUILD_JOBS ?= 2

.PHONY: run dev test test-packaging lint advisories bench tools release release-check

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

# Packages, units and install script, with target/debug/callbox; a part of `make test`.
test-packaging:
	tests/packaging/run quick

# The quick part: format, lints, types.
lint:
	scripts/lint

# Known faults of our dependencies; fetches the advisory database.
advisories:
	cargo deny check advisories

# Side by side with Socket.IO, coturn, nginx and one insert per transaction; prints ratios.
bench:
	cargo bench --bench store
	cargo bench --bench hub
	cargo bench --bench relay
	cargo bench --bench login
	cargo bench --bench door

# Everything that is published, into dist/.
release:
	packaging/release

# Tests what is in dist/: in an empty root, in a newer Debian, booted by systemd, and built again. As root.
release-check:
	scripts/release-tools
	tests/packaging/run release

# Browsers and the other programs that the tests drive.
tools:
	scripts/tools

web/node_modules: web/package-lock.json
	cd web && npm ci --ignore-scripts
	touch web/node_modules
