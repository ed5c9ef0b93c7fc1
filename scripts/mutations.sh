#!/bin/sh
# Applies each bug of testdata/mutations to a copy of this tree and runs tests. A
# bug that no test finds is printed, and the run fails. The first line of a patch
# describes the bug. The line "Tests:" has the arguments of go test: the packages
# whose tests must find it. Tests of adapters use the real PostgreSQL, Redis, RocksDB
# and broker. Tests that need neither librdkafka nor RocksDB run without cgo.
# MUTATIONS="epoch holder" runs those two only.
set -eu
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | tar --ignore-failed-read --null -T - -cf - | tar -xf - -C "$copy"
mkdir -p "$copy/bin"
[ ! -d bin/kafka ] || ln -s "$PWD/bin/kafka" "$copy/bin/kafka"
all=${MUTATIONS:-$(ls testdata/mutations/*.patch | sed 's|.*/||; s|\.patch$||')}
n=0 found=0 of=$(echo $all | wc -w) survived='' broken=''
for name in $all; do
	n=$((n + 1))
	patch="$PWD/testdata/mutations/$name.patch"
	tests=$(sed -n '/^diff /q; s/^Tests: //p' "$patch")
	[ -n "$tests" ] || { echo "$name has no line Tests:" >&2; exit 1; }
	if ! (cd "$copy" && git apply -C1 "$patch"); then
		broken="$broken $name"
		continue
	fi
	cgo=0
	if (cd "$copy" && go list -deps -test $(echo "$tests" | grep -oE '\./[^ ]+')) | grep -qE 'confluent-kafka-go|grocksdb'; then
		cgo=1
	fi
	if (cd "$copy" && CGO_ENABLED=$cgo go test -vet=off -failfast $tests >"$copy/out" 2>&1); then
		survived="$survived $name"
		by='NOT FOUND'
	elif grep -qE '\[build failed\]|\[setup failed\]' "$copy/out"; then
		sed 's/^/    /' "$copy/out" >&2
		broken="$broken $name"
		by='DOES NOT BUILD'
	else
		found=$((found + 1))
		by=$(grep -oE '^ *--- FAIL: [^ ]+' "$copy/out" | sed 's/.*--- FAIL: //' | sort -u | tr '\n' ' ')
		[ -n "$by" ] || by=$(grep -oE '_test\.Test[A-Za-z0-9_]+' "$copy/out" | head -1 | sed 's/_test\.//') # a panic
	fi
	printf '%3d/%d %-24s %s\n        %s\n' "$n" "$of" "$name" "$(head -1 "$patch")" "$by"
	(cd "$copy" && git apply -C1 -R "$patch")
done
echo "$found of $of bugs were found"
[ -z "$broken" ] || echo "these do not apply or do not build:$broken" >&2
[ -z "$survived" ] || echo "no test finds:$survived" >&2
[ -z "$survived$broken" ]
