#!/usr/bin/env bash
# Installs what Onsale needs and this Debian 12 machine lacks: build tools and
# RocksDB and PostgreSQL's programs. Says nothing and changes nothing where all of it is there.
set -euo pipefail

missing=()
for package in g++ make git librocksdb-dev postgresql-15; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "install.sh: ${missing[*]} are missing; run as root or install sudo" >&2; exit 1; }
    as_root=(sudo)
  fi
  echo "installing ${missing[*]}"
  # Onsale starts clusters of its own; the package must not start one on 5432.
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
      echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

command -v go >/dev/null || { echo "install.sh: Go is missing; install the version named in go.mod or later" >&2; exit 1; }
