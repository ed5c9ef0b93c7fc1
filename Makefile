# make help lists the targets.
.DEFAULT_GOAL := help
GENERATED := wire/*/wire_gen.go port/portmock adapter/httpapi/*/*.gen.go
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
# End-to-end tests of what no broker has a part in, or that others (TestChaos) do on Apache
# Kafka at more length: on the embedded one alone. Long ones of what is harder
# there: on Apache Kafka alone.
ON_KAFKA_ALONE := TestChaos|TestZombies|TestThirdServer|TestLargestHall|TestF6_OneNameTwice|TestF34
NOT_ON_KAFKA := TestF27_EachPartKilled|TestSeatReservationServiceKilled|TestFirstLight|TestTwoServers|TestVerify|TestF31|TestWatched|TestPostgres|TestBadInput|TestOwnership|TestSessions|TestUp|TestF28|TestTraces|TestDeploy|TestF22|TestF15|TestF24|TestThousand|TestBrowser|TestPages
PORT ?= 8080
ARGS ?=

.PHONY: help run install install-kafka install-test build test test-core simulate mutations bench bench-sellout bench-failover bench-idle bench-browser chaos fuzz generate lint verify verify-web test-web

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

test: export JAVA_TOOL_OPTIONS ?= -XX:TieredStopAtLevel=1 # Kafka nodes that live for a minute are not compiled twice
test: install-test ## everything, on real PostgreSQL, Redis, RocksDB and both brokers, end to end
	go vet ./...
	go test -race -shuffle=on -parallel 3 -timeout 20m -skip '$(ON_KAFKA_ALONE)' ./...
	ONSALE_TEST_BROKER=apache go test -race -parallel 2 -timeout 20m -skip '$(NOT_ON_KAFKA)' ./cmd/onsale
	CGO_ENABLED=0 go test ./domain/... ./port/... ./usecase/... ./adapter/memory/...
	$(MAKE) test-web

test-web: ## unit tests of the pages' scripts, by node
	cd adapter/httpapi/web && node --test test/*.test.js

test-core: ## domain, ports, use cases and memory adapters: seconds, without cgo
	CGO_ENABLED=0 go test ./domain/... ./port/... ./usecase/... ./adapter/memory/...

simulate: ## 5,000 sales of the whole system in memory, each by a seed, with all that can go wrong (ONSALE_SEEDS="17+1" repeats one)
	CGO_ENABLED=0 ONSALE_SEEDS="$${ONSALE_SEEDS:-5000}" go test -run 'TestSimulation$$' -v -count 1 -timeout 30m ./usecase/reservation

mutations: ## bugs put into a copy of this tree: each has to be found by the tests (MUTATIONS="epoch holder" chooses)
	@scripts/mutations.sh

bench: install ## the seat finder against its slow twin; bookings over HTTP on all real parts
	go test -run '^$$' -bench . ./domain/...
	go test -run '^$$' -bench PostToPending -benchtime 200x ./cmd/onsale
	go test -run '^$$' -bench 64Clients -benchtime 5x ./cmd/onsale

bench-sellout: build ## sell 50,000 seats at once, then verify
	bin/onsale bench sellout --json bin/sellout.json

bench-failover: build ## end one of two servers, by force and in order: until the other has its work
	bin/onsale bench failover --json bin/failover.json

bench-browser: build ## frames of a map of 50,000 seats in headless Chromium, 2,000 changes a second
	@scripts/install.sh browser
	go test -run "^$$" -bench BrowserMap -benchtime 1x ./cmd/onsale

bench-idle: build ## 100 events on sale, two servers, nobody there
	bin/onsale bench idle --json bin/idle.json

chaos: install-kafka ## two servers, Apache Kafka, 500 buyers, 40 faults in five minutes, then verify (ONSALE_SEED= repeats a plan)
	ONSALE_LONG_TESTS=1 ONSALE_TEST_BROKER=apache go test -run TestChaos -v -count 1 -timeout 30m ./cmd/onsale

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

verify-web: ## types of the pages' scripts, by tsc
	cd adapter/httpapi/web && npm ci --silent --no-audit --no-fund && npm run --silent check

verify: lint generate verify-web ## format, vet, generated code fresh, go.mod tidy, import rules
	git diff --exit-code -- $(GENERATED)
	go mod tidy -diff
	go test -run 'TestImports|TestDomainAlone' .
