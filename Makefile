# The gates of the house. `make run` shows it, `make test` proves it; the rest is for those who change it.

GO          ?= go
STATICCHECK ?= $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    ?= 30s
CROSS       := windows/amd64 windows/386 linux/arm64 linux/arm
WASM        := ./gs1/... ./ledger ./trace
MODULE      := github.com/dauvet/dauvet

.PHONY: run test race test32 bench fuzz deps lint cross

# The main job: from the picture of a pack to a proof.
run:
	@CGO_ENABLED=0 $(GO) run ./examples/tour

test:
	CGO_ENABLED=0 $(GO) test ./...

# Needs gcc.
race:
	CGO_ENABLED=1 $(GO) test -race ./...

# 32-bit code runs on a 64-bit machine.
test32:
	CGO_ENABLED=0 GOARCH=386 $(GO) test ./...

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# Every fuzz target for FUZZTIME, one after the other.
fuzz:
	@set -e; for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; done

# Who may import whom. Each line prints what breaks it.
only = @! { $(GO) list -deps -f '{{if not .Standard}}{{.ImportPath}}{{end}}' $(1) | grep -vE '^($(MODULE)$(if $(2),|$(2)))(/|$$)'; } || { echo '$(1): must not link the above'; exit 1; }
sole = @! { $(GO) list -f '{{$$p := .ImportPath}}{{range .Imports}}{{$$p}} {{.}}{{"\n"}}{{end}}' ./... | grep -E ' $(1)(/|$$)' | grep -v '^$(MODULE)/$(2) '; } || { echo '$(1): only $(2) may import it'; exit 1; }
deps:
	$(call only,./gs1)
	$(call only,./gs1/scanner)
	$(call only,./ledger,golang.org/x/mod/sumdb)
	$(call sole,github.com/dgraph-io/badger,ledger/badgerledger)
	$(call sole,github.com/makiuchi-d/gozxing,gs1/datamatrix)
	$(call sole,github.com/vmihailenco/msgpack,trace)
	@test $$(grep -l '"github.com/vmihailenco/msgpack' trace/*.go | grep -vc _test.go) = 1 || { echo 'msgpack: one file of trace may import it'; exit 1; }
	@! $(GO) list -deps ./... | grep '^github.com/google/go-cmp' || { echo 'go-cmp: for tests only'; exit 1; }
	@! $(GO) list -deps ./gs1/... | grep '^$(MODULE)/\(ledger\|trace\)' || { echo 'gs1 must know neither ledger nor trace'; exit 1; }
	@! $(GO) list -deps ./ledger/... | grep '^$(MODULE)/\(gs1\|trace\)' || { echo 'ledger must know neither gs1 nor trace'; exit 1; }
	@! $(GO) list -deps ./trace/... | grep -E '^($(MODULE)/(ledger/badgerledger|gs1/datamatrix)|github.com/dgraph-io|github.com/makiuchi-d)' || { echo 'trace must link neither database nor pictures'; exit 1; }
	@echo deps: ok

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'not gofmt-ed'; exit 1; }
	$(GO) vet ./...
	$(STATICCHECK) ./...

cross:
	@set -e; for t in $(CROSS); do echo $$t; CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) vet ./...; done
	@echo js/wasm; CGO_ENABLED=0 GOOS=js GOARCH=wasm $(GO) build $(WASM)
