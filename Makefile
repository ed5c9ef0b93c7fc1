# make help lists the targets.
.DEFAULT_GOAL := help
GENERATED := wire/*/wire_gen.go port/portmock adapter/httpapi/*/*.gen.go
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
CORE := ./domain/... ./port/... ./usecase/... ./adapter/memory/...
PORT ?= 8080
ARGS ?=

.PHONY: help run install install-kafka install-test build test test-core simulate mutations bench bench-sellout bench-failover bench-idle bench-browser chaos fuzz generate lint verify

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

run: build ## run all of it on http://localhost:8080 (PORT=, ARGS="--payment-window 3s …")
	@exec bin/onsale up --port $(PORT) $(ARGS)

install: ## install what is missing (Debian 12, root or sudo)
	@scripts/install.sh $(if $(findstring apache,$(ARGS)),kafka)

install-kafka: ## the same, and Apache Kafka into bin/kafka
	@scripts/install.sh kafka

build: install ## build the binaries into bin/
	go build -o bin/ ./cmd/...

install-test: ## the same, with Apache Kafka, and Chromium for the tests of the pages
	@scripts/install.sh kafka browser

# Vet runs as part of go test, so that everything is compiled once. Tests wait more
# than they compute, so four packages run at a time. The end-to-end tests below
# cmd/onsale share the machine by file locks: see cmd/onsale/internal/e2e.
test: install-test ## everything, on real PostgreSQL, Redis, RocksDB and both brokers, end to end
	CGO_ENABLED=0 go test $(CORE)
	go test -race -vet=all -shuffle=on -p 4 -parallel 3 -timeout 30m ./...

test-core: ## domain, ports, use cases and memory adapters: seconds, without cgo
	CGO_ENABLED=0 go test $(CORE)

simulate: ## 5,000 sales of the whole system in memory, each by a seed, with all that can go wrong (ONSALE_SEEDS="17+1" repeats one)
	CGO_ENABLED=0 ONSALE_SEEDS="$${ONSALE_SEEDS:-5000}" go test -run 'TestSimulation$$' -v -count 1 -timeout 30m ./usecase/reservation

mutations: ## bugs put into a copy of this tree: each has to be found by the tests (MUTATIONS="epoch holder" chooses)
	@scripts/mutations.sh

bench: install ## the seat finder against its slow twin; bookings over HTTP on all real parts
	go test -run '^$$' -bench . ./domain/...
	go test -run '^$$' -bench PostToPending -benchtime 200x ./cmd/onsale/api
	go test -run '^$$' -bench 64Clients -benchtime 5x ./cmd/onsale/api

bench-sellout: build ## sell 50,000 seats at once, then verify
	bin/onsale bench sellout --json bin/sellout.json

bench-failover: build ## end one of two servers, by force and in order: until the other has its work
	bin/onsale bench failover --json bin/failover.json

bench-browser: build ## frames of a map of 50,000 seats in headless Chromium, 2,000 changes a second
	@scripts/install.sh browser
	go test -run "^$$" -bench BrowserMap -benchtime 1x ./cmd/onsale/browser

bench-idle: build ## 100 events on sale, two servers, nobody there
	bin/onsale bench idle --json bin/idle.json

chaos: install-kafka ## two servers, Apache Kafka, 500 buyers, 40 faults in five minutes, then verify (ONSALE_SEED= repeats a plan)
	ONSALE_LONG_TESTS=1 go test -run TestChaos -v -count 1 -timeout 30m ./cmd/onsale/cluster

fuzz: install ## the decoders of bodies, messages, journal records and RocksDB rows, a million runs each
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./domain/journal
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./adapter/kafkabus
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./adapter/httpapi
	go test -run '^$$' -fuzz FuzzDecode -fuzztime 1000000x ./adapter/rocksstore

generate: ## write generated code anew
	go generate ./...

lint: ## format, vet, and golangci-lint with the import rules
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these"; exit 1; }
	go vet ./...
	go run $(GOLANGCI) run ./...

verify: lint generate ## format, vet, generated code fresh, go.mod tidy, import rules
	git diff --exit-code -- $(GENERATED)
	go mod tidy -diff
	go test -run 'TestImports|TestDomainAlone' .
