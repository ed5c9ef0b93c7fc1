#!/usr/bin/env bash
# Applies each bug of testdata/mutations to a copy of this tree and runs the tests
# that must find it. A bug that no test finds makes the script fail.
#
# A bug in the core (domain, port, use cases, memory adapters) must be found by the
# core's tests, without cgo and services. A bug in an adapter must be found by the
# tests of that adapter, on the real store or broker, or else by those of wire.
# MUTATIONS="epoch holder" chooses some.
set -euo pipefail
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | tar --ignore-failed-read --null -T - -cf - | tar -xf - -C "$copy"
[ ! -d bin/kafka ] || { mkdir -p "$copy/bin" && ln -s "$PWD/bin/kafka" "$copy/bin/kafka"; }

# suites prints the tests for a patch, one run a line, quick ones first.
suites() {
	local touched adapters
	touched=$(sed -n 's|^+++ b/||p' "$1")
	adapters=$(grep -oE '^adapter/[^/]+' <<<"$touched" | grep -vx adapter/memory | sort -u || true)
	if grep -qE '^(domain|port|usecase|adapter/memory)/' <<<"$touched"; then
		echo "CGO_ENABLED=0 go test ./domain/... ./port/... ./usecase/... ./adapter/memory/..."
	fi
	for adapter in $adapters; do
		echo "go test ./$adapter/..."
	done
	if [ -n "$adapters" ] || grep -q '^wire/' <<<"$touched"; then
		echo "go test ./wire/..."
	fi
}

all=${MUTATIONS:-$(ls testdata/mutations/*.patch | sed 's|.*/||; s|\.patch$||')}
n=0 of=$(wc -w <<<"$all") survived=''
for name in $all; do
	n=$((n + 1)) by=''
	patch="testdata/mutations/$name.patch"
	(cd "$copy" && git apply "$OLDPWD/$patch")
	while [ -z "$by" ] && read -r suite; do
		if (cd "$copy" && eval "$suite" >"$copy/out" 2>&1 </dev/null); then
			continue
		elif grep -qE '\[build failed\]|\[setup failed\]' "$copy/out"; then
			sed 's/^/    /' "$copy/out" >&2
			echo "$name does not build" >&2
			exit 1
		fi
		by=$(grep -oE '^--- FAIL: [A-Za-z0-9_]+' "$copy/out" | sed 's/--- FAIL: //' | sort -u | tr '\n' ' ')
		by=${by:-$(grep -m1 -E '^(panic|fatal error):' "$copy/out" || echo 'a failed run')}
	done < <(suites "$patch")
	[ -n "$by" ] || { survived="$survived $name" by='NOT FOUND'; }
	printf '%2d/%d %-20s %s\n      %s\n' "$n" "$of" "$name" "$(head -1 "$patch")" "$by"
	(cd "$copy" && git apply -R "$OLDPWD/$patch")
done
[ -z "$survived" ] || { echo "no test finds:$survived" >&2; exit 1; }
