# make build   the static binary in bin/
# make test    every test, with what they need installed where possible
# make soak    the long ones: kills, fuzzing, replicas, millions of rows
# make bench   figures
# make lint    gofmt, go vet, staticcheck
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GO ?= go
export CGO_ENABLED ?= 0

.PHONY: build test soak bench bench-match bench-poll bench-alerts bench-growth lint fmt clean

build:
	$(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/watcher ./cmd/watcher

lint:
	@test -z "$$(gofmt -l cmd feeds internal match notify)" || { gofmt -l cmd feeds internal match notify; echo "run: make fmt"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

fmt:
	gofmt -w cmd feeds internal match notify

# SQLite is C translated to Go: a page of memory is bytes to it, and the race
# detector looks at each of them. It is left out, which halves the time of what
# has a store; our code and the driver are looked at. Eight tests of a package
# at once, as many wait for a daemon's next second.
RACE = -race $(foreach p,modernc.org/sqlite/lib modernc.org/libc modernc.org/memory,'-gcflags=$(p)=-race=false -d=checkptr=0')

test: lint
	@./.ci/needs
	CGO_ENABLED=1 $(GO) test $(RACE) -shuffle=on -parallel 8 -timeout 14m ./...

soak:
	WATCHER_SOAK=1 CGO_ENABLED=1 $(GO) test -timeout 120m -run Soak ./...

bench: bench-match
	$(GO) test -run '^$$' -bench . -benchmem ./...

# The rule engine beside strings.Contains, regexp, bleve and, where
# libhyperscan-dev is installed, Hyperscan: microseconds an item, on one core.
bench-match:
	cd bench/match && $(GO) test -run '^$$' -bench . -cpu 1 -benchtime 3s -timeout 60m .
	@if pkg-config --exists libhs 2>/dev/null; then cd bench/match && CGO_ENABLED=1 $(GO) test -run '^$$' -bench . -cpu 1 -benchtime 3s -timeout 60m ./hyperscan; \
	else echo "Hyperscan is left out: install libhyperscan-dev and pkg-config"; fi

# Polling, on thousands of feeds served on loopback by the feed server under
# WATCHER_DATA; PEER=program drives another reader beside it (bench/poll says how).
FEEDS ?= 1000
SLOT ?= 20s
bench-poll: build
	cd bench/poll && WATCHER_DATA="$(abspath $(or $(WATCHER_DATA),../shared))" $(GO) run . -watcher $(CURDIR)/bin/watcher -feeds $(FEEDS) -slot $(SLOT)

# From a feed to a receiver: how long an alert takes while items come evenly,
# and how a burst of them is taken.
bench-alerts: build
	cd bench/alerts && $(GO) run . -watcher $(CURDIR)/bin/watcher

# What polls, pages, digests and searches cost beside ever more stored items.
# ITEMS=10000,100000,1000000,5000000 adds the last: 15 minutes, 10 GB of disk.
ITEMS ?= 10000,100000,1000000
bench-growth:
	cd bench/growth && $(GO) run . -items $(ITEMS)

clean:
	rm -rf bin dist
