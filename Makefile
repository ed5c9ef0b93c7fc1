# make help lists the targets.
.DEFAULT_GOAL := help
GENERATED := wire/*/wire_gen.go port/portmock adapter/httpapi/*/*.gen.go
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
CORE := ./domain/... ./port/... ./usecase/... ./adapter/memory/...
PORT ?= 8080
ARGS ?=

.PHONY: help run install install-kafka install-test build test test-core simulate mutations bench bench-sellout bench-failover bench-idle bench-browser chaos fuzz generate lint verify verify-web test-web

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: build ## run everything on http://localhost:8080 (PORT=, ARGS="--payment-window 3s …")
	@exec bin/onsale up --port $(PORT) $(ARGS)

install: ## install what is missing (Debian 12, root or sudo)
	@scripts/install.sh $(if $(findstring apache,$(ARGS)),kafka)

install-kafka: ## also install Apache Kafka, in bin/kafka
	@scripts/install.sh kafka

build: install ## build the binaries into bin/
	go build -o bin/ ./cmd/...

install-test: ## also install Apache Kafka, and Chromium for the tests of the pages
	@scripts/install.sh kafka browser

# Vet runs as part of go test, so that everything is compiled once. Two packages run
# at a time: more would keep a machine with two cores so busy that tests miss their
# time limits. The end-to-end tests below
# cmd/onsale share the machine by file locks: see cmd/onsale/internal/e2e. One of
# them mounts a small tmpfs, which needs root.
test: install-test test-web ## run all tests on real PostgreSQL, Redis, RocksDB and both brokers, as root
	CGO_ENABLED=0 go test $(CORE)
	go test -race -vet=all -shuffle=on -p 2 -parallel 3 -timeout 60m ./...

test-web: ## run the unit tests of the pages' scripts with node
	cd adapter/httpapi/web && node --test test/*.test.js

test-core: ## run the unit tests of domain, ports, use cases and memory adapters: seconds, no cgo
	CGO_ENABLED=0 go test $(CORE)

simulate: ## run 5,000 sales of the whole system in memory, each from a seed, with faults (ONSALE_SEEDS="17+1" repeats one)
	CGO_ENABLED=0 ONSALE_SEEDS="$${ONSALE_SEEDS:-5000}" go test -run 'TestSimulation$$' -v -count 1 -timeout 30m ./usecase/reservation

mutations: install-test ## put bugs into a copy of this tree; the tests must find each (MUTATIONS="epoch holder" chooses)
	@scripts/mutations.sh

bench: install ## measure the seat finder, and bookings over HTTP on the real stores
	go test -run '^$$' -bench . ./domain/...
	go test -run '^$$' -bench PostToPending -benchtime 200x ./cmd/onsale/api
	go test -run '^$$' -bench 64Clients -benchtime 5x ./cmd/onsale/api

bench-sellout: build ## sell 50,000 seats at once, then verify
	bin/onsale bench sellout --json bin/sellout.json

bench-failover: build ## end one of two servers by SIGKILL and SIGTERM, and measure the outage
	bin/onsale bench failover --json bin/failover.json

bench-browser: build ## measure frames of a map with 50,000 seats in headless Chromium, at 2,000 changes a second
	@scripts/install.sh browser
	go test -run "^$$" -bench BrowserMap -benchtime 1x ./cmd/onsale/browser

bench-idle: build ## measure 100 events on sale without buyers, on two servers of each service
	bin/onsale bench idle --json bin/idle.json

chaos: install-kafka ## 40 faults in five minutes on two servers and Apache Kafka with 500 buyers, then verify (ONSALE_SEED= repeats a plan)
	ONSALE_LONG_TESTS=1 go test -run TestChaos -v -count 1 -timeout 30m ./cmd/onsale/cluster

fuzz: install ## fuzz the decoders of bodies, messages, journal records and RocksDB rows, a million runs each
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./adapter/journalcodec
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./adapter/kafkabus
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./adapter/httpapi
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./adapter/rocksstore

generate: ## write the generated code again
	go generate ./...

lint: install ## check format, vet, and golangci-lint with the import rules
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these"; exit 1; }
	go vet ./...
	go run $(GOLANGCI) run ./...

verify-web: ## check the types of the pages' scripts with tsc
	@scripts/install.sh npm
	cd adapter/httpapi/web && npm ci --silent --no-audit --no-fund && npm run --silent check

verify: lint generate verify-web ## lint, and check that generated code and go.mod are up to date
	git diff --exit-code -- $(GENERATED)
	go mod tidy -diff
	go test -run 'TestImport|TestNoPackage|TestDomainAlone|TestNotice|TestContributing' .
