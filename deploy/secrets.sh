#!/bin/sh
# Creates the secrets of compose.yaml in deploy/secrets. Existing ones stay as they
# are.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p secrets
secret() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
[ -e secrets/session-key ] || secret >secrets/session-key
for name in postgres booking ticketing; do
  [ -e "secrets/$name-password" ] || secret >"secrets/$name-password"
done
for name in booking ticketing; do
  [ -e "secrets/$name.url" ] || printf 'postgres://%s:%s@postgres:5432/onsale?search_path=%s&sslmode=disable' "$name" "$(cat "secrets/$name-password")" "$name" >"secrets/$name.url"
done
# Compose mounts the files with these modes, and the services run as another user.
chmod 644 secrets/session-key secrets/booking.url secrets/ticketing.url secrets/*-password
chmod 755 secrets
