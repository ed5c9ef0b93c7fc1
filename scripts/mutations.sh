#!/bin/sh
# Applies each bug of testdata/mutations to a copy of this tree and runs the tests
# that need no service, with the simulation: those that miss a bug prove nothing.
# MUTATIONS="epoch holder" chooses some.
set -eu
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | tar --ignore-failed-read --null -T - -cf - | tar -xf - -C "$copy"
all=${MUTATIONS:-$(ls testdata/mutations/*.patch | sed 's|.*/||; s|\.patch$||')}
n=0 of=$(echo $all | wc -w) survived=''
for name in $all; do
	n=$((n + 1))
	patch="testdata/mutations/$name.patch"
	(cd "$copy" && git apply "$OLDPWD/$patch")
	# A bug in an adapter is looked for by the tests of that adapter, too, on the real parts.
	adapters=$(sed -n 's|^+++ b/\(adapter/.*\)/[^/]*$|./\1/...|p' "$patch" | sort -u)
	if (cd "$copy" && CGO_ENABLED=0 go test ./domain/... ./usecase/... >"$copy/out" 2>&1) &&
		{ [ -z "$adapters" ] || (cd "$copy" && go test -failfast $adapters >"$copy/out" 2>&1); }; then
		survived="$survived $name"
		by='NOT FOUND'
	elif grep -qE '\[build failed\]|\[setup failed\]' "$copy/out"; then
		sed 's/^/    /' "$copy/out" >&2
		echo "$name does not build" >&2
		exit 1
	else
		by=$(grep -oE '^--- FAIL: [A-Za-z0-9_]+' "$copy/out" | sed 's/--- FAIL: //' | sort -u | tr '\n' ' ')
	fi
	printf '%2d/%d %-20s %s\n      %s\n' "$n" "$of" "$name" "$(head -1 "$patch")" "$by"
	(cd "$copy" && git apply -R "$OLDPWD/$patch")
done
[ -z "$survived" ] || { echo "no test finds:$survived" >&2; exit 1; }
