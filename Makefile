# The gates of the house. `make run` shows it, `make test` proves it; the rest is for those who change it.

GO          ?= go
STATICCHECK ?= $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME    ?= 30s
CROSS       := windows/amd64 windows/386 linux/arm
WASM        := ./gs1/... ./ledger ./trace
MODULE      := github.com/dauvet/dauvet

.PHONY: run test race test32 interop pictures torture bench scale fuzz deps lint cross dist

# The main job: from the picture of a pack to a proof.
run:
	@CGO_ENABLED=0 $(GO) run ./examples/tour

test:
	CGO_ENABLED=0 $(GO) test ./...

# Needs gcc. Long tests that use one goroutine are left to the others, and of pictures all but those of several readers.
race:
	CGO_ENABLED=1 $(GO) test -race -short $$($(GO) list ./... | grep -v /gs1/datamatrix$$)
	CGO_ENABLED=1 $(GO) test -race -short -run 'Nothing|Cancel|Goroutines|Reuse|Example' ./gs1/datamatrix

# 32-bit code runs on a 64-bit machine. The long series of pictures are left to test, and the examples to cross.
test32:
	CGO_ENABLED=0 GOARCH=386 $(GO) test -short $$($(GO) list ./... | grep -v /examples)

# Ours against other people's code, in modules of their own that are never released.
interop:
	cd ledger/ledgertest/interop && CGO_ENABLED=0 $(GO) test ./...
	cd trace/epcis/schematest && CGO_ENABLED=0 $(GO) test ./...

# The pictures that are read, by class: our own drawings, and the shared ones where they are.
pictures:
	$(GO) test -v -run 'TestRendered|TestCorpus' ./gs1/datamatrix -timings

# What the ledger survives, at length.
torture:
	$(GO) test -v -run TestTorture -timeout 3h ./ledger -torture 10000
	$(GO) test -v -run 'TestKill|TestFlip' -timeout 3h ./ledger/badgerledger -kills 200 -flips 400 -flipentries 50000

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# A ledger of a million events, and what is asked of it. It is built in DIR, and kept there for the next time.
DIR ?= /tmp/dauvet-scale
scale:
	@test -e $(DIR)/head || $(GO) test -run '^$$' -bench 'Scale$$' -benchtime 1x -timeout 1h ./trace -scale 200000 -scaledir $(DIR)
	$(GO) test -run '^$$' -bench 'Scale$$' -benchtime 1x -timeout 1h ./trace -scale 200000 -scaledir $(DIR)
	$(GO) test -run '^$$' -bench ScaleRecord -benchtime 1x -timeout 1h ./trace -scale 200000 -scaledir $(DIR)

# Every fuzz target for FUZZTIME, one after the other.
fuzz:
	@set -e; for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			echo "$$pkg $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) $$pkg; \
		done; done

# Who may import whom. $(call only,PACKAGES,PATHS) fails when they link anything else outside the standard library,
# $(call never,PACKAGES,PATHS) when they link that, $(call sole,PATH,PACKAGE) when another package imports it.
only = @l=$$($(GO) list -deps -f '{{if not .Standard}}{{.ImportPath}}{{end}}' $(1)) && ! echo "$$l" | grep -vE '^($(2))(/|$$)' || { echo 'deps: $(1) may link $(2) only'; exit 1; }
never = @l=$$($(GO) list -deps -f '{{if not .Standard}}{{.ImportPath}}{{end}}' $(1)) && ! echo "$$l" | grep -E '^($(2))(/|$$)' || { echo 'deps: $(1) must not link $(2)'; exit 1; }
sole = @l=$$($(GO) list -f '{{$$p := .ImportPath}}{{range .Imports}}{{$$p}} {{.}}{{"\n"}}{{end}}' ./...) && ! echo "$$l" | grep -E ' $(1)(/|$$)' | grep -v '^$(MODULE)/$(2) ' || { echo 'deps: only $(2) may import $(1)'; exit 1; }
deps:
	$(call only,./gs1 ./gs1/scanner,$(MODULE)/gs1)
	$(call only,./ledger,$(MODULE)/ledger|golang.org/x/mod/sumdb)
	$(call only,./trace,$(MODULE)|golang.org/x/mod/sumdb)
	$(call sole,github.com/dgraph-io/badger,ledger/badgerledger)
	$(call sole,github.com/makiuchi-d/gozxing,gs1/datamatrix)
	$(call never,./gs1/...,$(MODULE)/(ledger|trace))
	$(call never,./ledger/...,$(MODULE)/(gs1|trace))
	$(call never,./trace/...,$(MODULE)/(ledger/badgerledger|gs1/datamatrix))
	$(call never,./trace/lienthong ./trace/audit,$(MODULE)/trace/lienthong/national)
	$(call sole,github.com/xuri/excelize,trace/sheet)
	$(call only,./trace/sheet,$(MODULE)/trace/sheet|github.com/(xuri|richardlehane|tiendc)|golang.org/x/(crypto|net|text))
	$(call never,./trace/audit ./ledger/mirror,$(MODULE)/(ledger/badgerledger|trace/sheet))
	@! $(GO) list -deps ./ledger ./trace ./trace/audit ./trace/lienthong | grep -x net/http || { echo 'deps: only trace/lienthong/national speaks HTTP'; exit 1; }
	$(call never,./...,github.com/(google/go-cmp|vmihailenco))
	@echo deps: ok

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo 'not gofmt-ed'; exit 1; }
	$(GO) vet ./...
	$(STATICCHECK) ./...

cross:
	@set -e; for t in $(CROSS); do echo $$t; CGO_ENABLED=0 GOOS=$${t%/*} GOARCH=$${t#*/} $(GO) vet ./...; done
	@echo js/wasm; CGO_ENABLED=0 GOOS=js GOARCH=wasm $(GO) build $(WASM)

# The inspector's program as one file each, for whoever has no Go: files that are dropped on it get their report beside them.
dist:
	@set -e; for arch in amd64 386; do \
		CGO_ENABLED=0 GOOS=windows GOARCH=$$arch $(GO) build -trimpath -ldflags '-s -w' -o dist/dauvet-audit-$$arch.exe ./examples/audit; \
	done; ls -l dist
