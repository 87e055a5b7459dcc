# What a person types. Everything that is missing is fetched or named by the targets themselves.
SHELL := /bin/bash
.DEFAULT_GOAL := help

FUNCTIONS := $(notdir $(patsubst %/main.go,%,$(wildcard functions/*/main.go)))
BUILD := CGO_ENABLED=0 go build -trimpath -tags lambda.norpc -ldflags="-s -w"
ENGINE := .dev/bin/with-engine
TOOL := go tool -modfile=.ci/tools.mod

.PHONY: help dev dev-reset test check race prove mutants million build invoke settings synth diff deploy gateway-token smoke bench bench-compare clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev: ## run everything on this machine, and say where
	@go build -o .dev/bin/dev ./internal/dev
	@exec .dev/bin/dev

dev-reset: ## forget the development data and mail
	@go build -o .dev/bin/dev ./internal/dev
	@.dev/bin/dev reset

# Most tests wait for the engine, or for a retry: more of them at once than there are cores.
ATONCE := -parallel 6

test: $(ENGINE) ## run all tests, on one engine
	$(ENGINE) $(TOOL) gotestsum --format=pkgname-and-test-fails -- -count=1 $(ATONCE) -timeout 40m ./...

.PHONY: $(ENGINE)
$(ENGINE):
	@go build -o $@ ./internal/dev/engine/with

check: ## gofmt, go vet, staticcheck, and a tidy go.mod
	@unformatted=$$(git ls-files '*.go' | xargs gofmt -l); [ -z "$$unformatted" ] || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./...
	go mod tidy -diff

# Packages of our own that start goroutines, and those that drive them.
RACY := ./internal/invites/... ./internal/sweep/... ./internal/store/... ./internal/gateway/... ./internal/apitest/... ./internal/pages/... ./internal/dev/...

race: $(ENGINE) ## the tests of packages that use goroutines, under the race detector
	$(ENGINE) $(TOOL) gotestsum --format=pkgname-and-test-fails -- -race -count=1 -timeout 30m $(RACY)

# What was tried is added up behind each run, also behind one that failed.
PROVED := $(CURDIR)/.dev/proved.txt
MUTATED := $(CURDIR)/.dev/mutated.txt
# Of which sources of the store the guards were removed.
GUARDED = ls internal/store/*.go | grep -v _test.go | xargs cat | sha256sum
ADDED_UP = awk -F '\t' '{ n[$$2] += $$1 } END { for (what in n) printf "  %12d  %s\n", n[what], what }'

PROVE := $(TOOL) gotestsum --format=pkgname-and-test-fails -- -count=1 -timeout 2h
ON_ALL_ROUTES := ^Test(Callers|Tenants|Roles|Hostile|Secrets|Public|Board_.*OnEverything)

# The model takes longest, so it comes first, with engines of its own, for one keeps both cores
# waiting; small packages come last, so that both cores have work until the end. The others
# share one engine: each spends its first minute on compiling itself. Guards are removed by
# make mutants.
PROOF := ./internal/prove
prove: export NEMO_PROVE := long
prove: export NEMO_PROVE_SUMMARY := $(PROVED)
prove: $(ENGINE) ## try to break the whole: models, histories, faults, hostile input
	@mkdir -p .dev; rm -f $(PROVED)
	@begun=$$SECONDS; \
	$(ENGINE) $(SHELL) -c '$(PROVE) -skip "^TestGuards_areMissed$$" $(PROOF)/model $(PROOF)/faults $(PROOF)/sweep $(PROOF)/...; failed=$$?; \
		$(PROVE) -run "$(ON_ALL_ROUTES)" ./internal/apitest ./internal/pages || failed=1; exit $$failed'; failed=$$?; \
	[ ! -f $(PROVED) ] || $(ADDED_UP) $(PROVED) | sort -k2; \
	if [ -f $(MUTATED) ]; then of=; $(GUARDED) | cmp -s - $(MUTATED:.txt=.sum) || of=", of a store that has changed since"; \
	echo "and by the last make mutants, on $$(date -r $(MUTATED) +%F)$$of:"; $(ADDED_UP) $(MUTATED) | sort -k2; \
	else echo "and no guard was removed: that takes longer, with make mutants"; fi; \
	echo "$$(((SECONDS - begun + 59) / 60)) minutes"; exit $$failed

mutants: export NEMO_PROVE := long
mutants: export NEMO_PROVE_SUMMARY := $(MUTATED)
mutants: ## remove each condition of the store's transactions in turn, and see which test misses it
	@mkdir -p .dev; rm -f $(MUTATED); $(GUARDED) >$(MUTATED:.txt=.sum)
	go test -run TestGuards -count=1 -timeout 40m -v ./internal/prove/guards

EVENTS ?= 1000000

million: export NEMO_SPEND_EVENTS = $(EVENTS)
million: $(ENGINE) ## count a million events while answers are lost, and read reports of 1,000 keys: EVENTS=
	$(ENGINE) go test -run '^TestSpend_(exactlyOnce|reportCost)$$' -count=1 -timeout 6h -v ./internal/apitest

build: $(FUNCTIONS:%=dist/%/bootstrap) ## build all functions for Lambda (arm64)

.PHONY: FORCE
$(FUNCTIONS:%=dist/%/bootstrap): dist/%/bootstrap: FORCE # the compiler knows what is up to date
	@GOOS=linux GOARCH=arm64 $(BUILD) -o $@ ./functions/$*

invoke: ## run one function on one event: make invoke FN=invite EVENT=events/invite.json
	@[ -n "$(FN)" ] && [ -d "functions/$(FN)" ] && [ -f "$(EVENT)" ] || { echo "invoke: make invoke FN=invite EVENT=events/invite.json; functions are $(FUNCTIONS)"; exit 1; }
	@$(BUILD) -o .dev/bin/$(FN) ./functions/$(FN)
	@go build -o .dev/bin/dev ./internal/dev
	@.dev/bin/dev invoke .dev/bin/$(FN) $(EVENT)

# The CDK's command line comes from npm, pinned to one that reads our library's output.
CDK := npx --yes aws-cdk@2.1148.1
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20
CONTEXT = $(if $(STAGE),-c stage=$(STAGE)) $(if $(PUBLIC_URL),-c publicUrl=$(PUBLIC_URL)) $(if $(MAIL_FROM),-c mailFrom=$(MAIL_FROM)) $(CDK_ARGS)

# To look at the template nobody has to think of a stage first.
synth: STAGE ?= dev
synth: PUBLIC_URL ?= auto
synth: MAIL_FROM ?= team@acme.example

settings:
	@go run ./infra check $(CONTEXT)

synth: settings ## make the CloudFormation template, without an account
	@$(MAKE) --no-print-directory build
	$(CDK) synth --quiet $(CONTEXT)

diff: settings ## show what a deployment would change: STAGE=, PUBLIC_URL=, MAIL_FROM=
	@$(MAKE) --no-print-directory build
	$(CDK) diff $(CONTEXT)

deploy: settings ## build and deploy: STAGE=, PUBLIC_URL=, MAIL_FROM=
	@$(MAKE) --no-print-directory build
	$(CDK) deploy $(CONTEXT)

gateway-token: ## make and print a token for the LLM gateway: STAGE=; the one before stays good
	@go run ./infra/gateway-token $(STAGE)

smoke: ## try a deployment: URL=https://… KEY=sk-nemo-…
	@[ -n "$(URL)" ] && [ -n "$(KEY)" ] || { echo "smoke: make smoke URL=https://... KEY=sk-nemo-..."; exit 1; }
	@curl -fsS $(URL)/v1/health; echo
	@curl -fsS $(URL)/v1/me -H "Authorization: Bearer $(KEY)"; echo

# What bench measured lies in artifacts/, in Go's benchmark format; COUNT=6 is enough for
# bench-compare to tell times that differ from noise. BENCH picks benchmarks by name, such as
# Operation/GET; FULL=1 measures growth up to 100,000 members, which takes minutes more.
COUNT ?= 1
BENCH ?= .
BENCHED := artifacts/bench.txt

bench: $(ENGINE) ## one table of what everything costs: round trips, capacity units, dollars, times
	@mkdir -p artifacts
	@{ echo "date: $$(date -u +%F)"; echo "go: $$(go env GOVERSION)"; echo "cores: $$(getconf _NPROCESSORS_ONLN)"; } >$(BENCHED)
	NEMO_BENCH_FULL=$(FULL) $(ENGINE) go test -run '^$$' -bench '$(BENCH)' -benchtime 1x -count $(COUNT) -timeout 1h ./internal/bench ./internal/apitest ./functions >>$(BENCHED)
	@go run ./internal/bench/report -chart artifacts/growth.svg $(BENCHED) | tee artifacts/bench-table.txt

bench-compare: ## compare two runs: OLD=artifacts/before.txt NEW=artifacts/bench.txt
	@[ -f "$(OLD)" ] && [ -f "$(NEW)" ] || { echo "bench-compare: make bench-compare OLD=before.txt NEW=artifacts/bench.txt"; exit 1; }
	$(TOOL) benchstat $(OLD) $(NEW)

clean: ## remove what was built
	rm -rf dist cdk.out .dev/bin artifacts
