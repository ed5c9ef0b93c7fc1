#!/usr/bin/env bash
# Installs what Onsale needs and this Debian 12 machine lacks: build tools, RocksDB,
# PostgreSQL and Redis. The argument kafka adds Java and the jars of Apache Kafka, in
# bin/kafka. The argument browser adds Chromium and node, the argument npm adds node
# and npm. Onsale starts its own servers, so the packages must not start any. If nothing is missing, the script prints and
# changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

jars=bin/kafka version=$(sed -n 's/.*kafka_2.13<\/artifactId><version>\([^<]*\).*/\1/p' scripts/kafka.xml)
wanted=(g++ make git librocksdb-dev postgresql-15 redis-server)
if [[ " $* " == *" browser "* ]]; then
  wanted+=(chromium fonts-noto-cjk)
  command -v node >/dev/null || wanted+=(nodejs)
fi
if [[ " $* " == *" npm "* ]] && ! command -v npm >/dev/null; then wanted+=(npm); fi
if [[ " $* " == *" kafka "* ]]; then
  command -v java >/dev/null || wanted+=(openjdk-17-jre-headless)
  [ -e "$jars/kafka_2.13-$version.jar" ] || command -v mvn >/dev/null || wanted+=(maven)
fi

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "install.sh: ${missing[*]} are missing; run as root or install sudo" >&2; exit 1; }
    as_root=(sudo)
  fi
  command -v apt-get >/dev/null || { echo "install.sh: ${missing[*]} are missing; this script supports only Debian 12" >&2; exit 1; }
  echo "installing ${missing[*]}"
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  deny=/usr/sbin/policy-rc.d
  if [ ! -e "$deny" ]; then
    trap '"${as_root[@]}" rm -f "$deny"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$deny" >/dev/null
    "${as_root[@]}" chmod 755 "$deny"
  fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  if [[ " ${missing[*]} " == *" redis-server "* ]] && command -v systemctl >/dev/null; then
    "${as_root[@]}" systemctl disable --quiet redis-server 2>/dev/null || true # it must not start at the next boot either
  fi
fi

command -v go >/dev/null || { echo "install.sh: Go is missing; install the version named in go.mod or later" >&2; exit 1; }

if [[ " $* " == *" kafka "* ]] && [ ! -e "$jars/kafka_2.13-$version.jar" ]; then
  echo "downloading Apache Kafka $version (54 MB)"
  rm -rf "$jars" "$jars.new" # the directory is complete or missing
  mvn --quiet --batch-mode --file scripts/kafka.xml dependency:copy-dependencies -DoutputDirectory="$PWD/$jars.new"
  mv "$jars.new" "$jars"
fi
