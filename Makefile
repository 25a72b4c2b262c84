# `make run` and `make test` do everything on a fresh machine; `make help` lists the rest.

SWIFT ?= swift
PREFIX ?= /usr/local
STRICT := --explicit-target-dependency-import-check error
FLOWRUN := $(CURDIR)/.build/release/flowrun
SCRATCH := $(CURDIR)/.build/run
# Plugins in plain C, which are built without Swift; the others are products of the package.
C_PLUGINS := Gaussian SVMLight
PLUGINS := ClippedRelu FocalLoss Gaussian Moments SVMLight Swish
KIT := CFlowPlugin FlowTensor FlowDiagnostics FlowGraph FlowPlugin FlowProofs FlowPluginTesting
SOURCES := Package.swift Sources Tests Plugins

.DEFAULT_GOAL := help
.PHONY: help run test build lint contract snippets install clean dependencies

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## install what is missing, build, train the digits and show the result
	@mkdir -p "$(SCRATCH)"
	@cd "$(SCRATCH)" && "$(FLOWRUN)" train "$(CURDIR)/samples/digits.flow" --checkpoint digits.h5 --force
	@cd "$(SCRATCH)" && "$(FLOWRUN)" eval "$(CURDIR)/samples/digits.flow" --weights digits.h5
	@cd "$(SCRATCH)" && "$(FLOWRUN)" inspect digits.h5
	@echo "The checkpoint is .build/run/digits.h5."

test: ## install what is missing, build with warnings as errors and run the tests
	@Scripts/install-dependencies --tests
	$(SWIFT) build --build-tests $(STRICT)
	@for plugin in $(C_PLUGINS); do $(MAKE) -s -C Plugins/$$plugin FOLDER="$(CURDIR)/.build/debug" || exit; done
	$(SWIFT) test --skip-build $(STRICT)

build: dependencies ## build flowrun and the plugins for release
	$(SWIFT) build -c release $(STRICT)
	@for plugin in $(C_PLUGINS); do $(MAKE) -s -C Plugins/$$plugin FOLDER="$(CURDIR)/.build/release" || exit; done

lint: ## check the form of the Swift code
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)

contract: build ## check the numbers and errors of the samples
	@Scripts/install-dependencies --tests
	@Tests/Contract/check.py "$(FLOWRUN)"

snippets: build ## run the commands that the documentation shows
	@Scripts/install-dependencies --tests
	@Scripts/check-snippets "$(FLOWRUN)" README.md Documentation/Tour.md Plugins/README.md

install: build ## install flowrun, the plugins and their kit into PREFIX (default /usr/local)
	install -d "$(DESTDIR)$(PREFIX)/bin" "$(DESTDIR)$(PREFIX)/lib/flow/plugins" "$(DESTDIR)$(PREFIX)/share/flow/kit/Sources"
	install "$(FLOWRUN)" "$(DESTDIR)$(PREFIX)/bin/flowrun"
	for plugin in $(PLUGINS); do \
	  install ".build/release/lib$$plugin.so" "$(DESTDIR)$(PREFIX)/lib/flow/plugins" || exit; done
	install -m 644 Plugins/Kit/Package.swift "$(DESTDIR)$(PREFIX)/share/flow/kit"
	cd Sources && cp -R $(KIT) "$(DESTDIR)$(PREFIX)/share/flow/kit/Sources"

clean: ## remove everything that was built
	rm -rf .build

dependencies:
	@Scripts/install-dependencies
