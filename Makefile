# make help lists the targets.
.DEFAULT_GOAL := help
GENERATED := wire/*/wire_gen.go port/portmock adapter/httpapi/*/*.gen.go
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
CORE := ./domain/... ./port/... ./usecase/... ./adapter/memory/...
PORT ?= 8080
ARGS ?=

.PHONY: help run install install-kafka install-test build test test-core simulate mutations bench bench-sellout bench-failover bench-idle bench-browser chaos fuzz generate lint verify

help: ## print this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: build ## run Onsale on http://localhost:8080 (PORT=, ARGS="--payment-window 3s …")
	@exec bin/onsale up --port $(PORT) $(ARGS)

install: ## install what is missing (Debian 12, root or sudo)
	@scripts/install.sh $(if $(findstring apache,$(ARGS)),kafka)

install-kafka: ## install the same, and Apache Kafka into bin/kafka
	@scripts/install.sh kafka

build: install ## build the programs into bin/
	go build -o bin/ ./cmd/...

install-test: ## install what the tests need: the same, Apache Kafka and Chromium
	@scripts/install.sh kafka browser

# Vet runs as part of go test, so that everything is compiled once. Tests wait more
# than they compute, so four packages run at a time. The end-to-end tests below
# cmd/onsale share the machine by file locks: see cmd/onsale/internal/e2e.
test: install-test ## run all tests, on real PostgreSQL, Redis, RocksDB and both brokers; the full-disk test mounts a tmpfs and needs root
	CGO_ENABLED=0 go test $(CORE)
	go test -race -vet=all -shuffle=on -p 4 -parallel 3 -timeout 30m ./...

test-core: ## test domain, ports, use cases and memory adapters: seconds, without cgo
	CGO_ENABLED=0 go test $(CORE)

simulate: ## simulate 5,000 sales in memory with random faults (ONSALE_SEEDS="17+1" repeats seed 17)
	CGO_ENABLED=0 ONSALE_SEEDS="$${ONSALE_SEEDS:-5000}" go test -run 'TestSimulation$$' -v -count 1 -timeout 30m ./usecase/reservation

mutations: ## put each known bug into a copy of this tree and run the tests, which must find it (MUTATIONS="epoch holder" chooses)
	@scripts/mutations.sh

bench: install ## measure the seat finder, and bookings over HTTP on real parts
	go test -run '^$$' -bench . ./domain/...
	go test -run '^$$' -bench PostToPending -benchtime 200x ./cmd/onsale/api
	go test -run '^$$' -bench 64Clients -benchtime 5x ./cmd/onsale/api

bench-sellout: build ## measure how fast 50,000 seats are sold, then verify
	bin/onsale bench sellout --json bin/sellout.json

bench-failover: build ## measure how fast one of two servers takes over from the other, after kill -9 and after SIGTERM
	bin/onsale bench failover --json bin/failover.json

bench-browser: build ## measure how fast a browser draws a map of 50,000 seats with 2,000 changes a second
	@scripts/install.sh browser
	go test -run "^$$" -bench BrowserMap -benchtime 1x ./cmd/onsale/browser

bench-idle: build ## measure the processor time of 100 events on two servers without buyers
	bin/onsale bench idle --json bin/idle.json

chaos: install-kafka ## run 500 buyers and 40 faults in five minutes on two servers and Apache Kafka, then verify (ONSALE_SEED= repeats a plan)
	ONSALE_LONG_TESTS=1 go test -run TestChaos -v -count 1 -timeout 30m ./cmd/onsale/cluster

fuzz: install ## fuzz the decoders of bodies, messages, journal records and RocksDB rows, a million runs each
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./domain/journal
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./adapter/kafkabus
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./adapter/httpapi
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./adapter/rocksstore

generate: ## generate code
	go generate ./...

lint: ## check format, vet, and golangci-lint with the import rules
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these"; exit 1; }
	go vet ./...
	go run $(GOLANGCI) run ./...

verify: lint generate ## check format, vet, lint, import rules, and that generated code and go.mod are up to date
	git diff --exit-code -- $(GENERATED)
	go mod tidy -diff
	go test -run 'TestImports|TestDomainAlone' .
