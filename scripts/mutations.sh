#!/bin/sh
# Applies each bug of testdata/mutations to a copy of this tree and runs tests. A
# bug that no test finds is printed and fails the run. The first line of a patch
# describes the bug. A line "Tests: ./adapter/x" names the packages whose tests
# must find it, on the real PostgreSQL, Redis, RocksDB or broker. Without that line
# the tests of the domain and the use cases must find it, without cgo.
# MUTATIONS="epoch holder" runs those two only.
set -eu
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | tar --ignore-failed-read --null -T - -cf - | tar -xf - -C "$copy"
mkdir -p "$copy/bin"
[ ! -d bin/kafka ] || ln -s "$PWD/bin/kafka" "$copy/bin/kafka"
all=${MUTATIONS:-$(ls testdata/mutations/*.patch | sed 's|.*/||; s|\.patch$||')}
n=0 of=$(echo $all | wc -w) survived=''
for name in $all; do
	n=$((n + 1))
	patch="$PWD/testdata/mutations/$name.patch"
	packages=$(sed -n '/^diff /q; s/^Tests: //p' "$patch")
	cgo=1
	[ -n "$packages" ] || { packages='./domain/... ./usecase/...' cgo=0; }
	(cd "$copy" && git apply "$patch") || { echo "$name does not apply" >&2; exit 1; }
	if (cd "$copy" && CGO_ENABLED=$cgo go test $packages >"$copy/out" 2>&1); then
		survived="$survived $name"
		by='NOT FOUND'
	elif grep -qE '\[build failed\]|\[setup failed\]' "$copy/out"; then
		sed 's/^/    /' "$copy/out" >&2
		echo "$name does not build" >&2
		exit 1
	else
		by=$(grep -oE '^ *--- FAIL: [A-Za-z0-9_]+' "$copy/out" | sed 's/.*--- FAIL: //' | sort -u | tr '\n' ' ')
	fi
	printf '%2d/%d %-20s %s\n      %s\n' "$n" "$of" "$name" "$(head -1 "$patch")" "$by"
	(cd "$copy" && git apply -R "$patch")
done
[ -z "$survived" ] || { echo "no test finds:$survived" >&2; exit 1; }
