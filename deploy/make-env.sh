#!/bin/sh
# Creates .env from .env.example and generates the missing secrets. Values that are set are kept.
set -eu
cd "$(dirname "$0")/.."
umask 077
[ -e .env ] || cp .env.example .env

is_set() { grep -q "^$1=." .env; }

set_secret() {
  ! is_set "$1" || return 0
  value=$(openssl rand -hex 32)
  grep -q "^$1=" .env || echo "$1=" >>.env
  sed "s/^$1=\$/$1=$value/" .env >.env.new
  mv .env.new .env
  echo "Added $1 to .env"
}

set_secret POSTGRES_PASSWORD
set_secret DATABASE_PASSWORD
# The API accepts only one key.
is_set JWT_PUBLIC_KEY || is_set JWT_JWKS_URI || set_secret JWT_SECRET
