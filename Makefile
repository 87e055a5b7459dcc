# What a person types. Everything that is missing is fetched or named by the targets themselves.
SHELL := /bin/bash
.DEFAULT_GOAL := help

FUNCTIONS := $(notdir $(patsubst %/main.go,%,$(wildcard functions/*/main.go)))
BUILD := CGO_ENABLED=0 go build -trimpath -tags lambda.norpc -ldflags="-s -w"
ENGINE := .dev/bin/with-engine
TOOL := go tool -modfile=.ci/tools.mod

.PHONY: help dev dev-reset test check race build invoke clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

dev: ## run everything on this machine, and say where
	@go build -o .dev/bin/dev ./internal/dev
	@exec .dev/bin/dev

dev-reset: ## forget the development data and mail
	rm -rf .dev/db .dev/mail .dev/demo.json

test: $(ENGINE) ## run all tests, on one engine
	$(ENGINE) $(TOOL) gotestsum --format=pkgname-and-test-fails -- -count=1 ./...

.PHONY: $(ENGINE)
$(ENGINE):
	@go build -o $@ ./internal/dev/engine/with

check: ## gofmt, go vet, staticcheck, and a tidy go.mod
	@unformatted=$$(git ls-files '*.go' | xargs gofmt -l); [ -z "$$unformatted" ] || { echo "not formatted: $$unformatted"; exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./...
	go mod tidy -diff

# Packages of our own that start goroutines, and those that drive them.
RACY := ./internal/invites/... ./internal/sweep/... ./internal/store/... ./internal/apitest/... ./internal/dev/...

race: $(ENGINE) ## the tests of packages that use goroutines, under the race detector
	$(ENGINE) $(TOOL) gotestsum --format=pkgname-and-test-fails -- -race -count=1 $(RACY)

build: $(FUNCTIONS:%=dist/%/bootstrap) ## build all functions for Lambda (arm64)

.PHONY: FORCE
$(FUNCTIONS:%=dist/%/bootstrap): dist/%/bootstrap: FORCE # the compiler knows what is up to date
	@GOOS=linux GOARCH=arm64 $(BUILD) -o $@ ./functions/$*

invoke: ## run one function on one event: make invoke FN=invite EVENT=events/invite.json
	@$(BUILD) -o .dev/bin/$(FN) ./functions/$(FN)
	@go build -o .dev/bin/dev ./internal/dev
	@.dev/bin/dev invoke .dev/bin/$(FN) $(EVENT)

clean: ## remove what was built
	rm -rf dist cdk.out .dev/bin artifacts
