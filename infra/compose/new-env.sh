#!/usr/bin/env bash
# Print a fresh .env for compose.yaml: passwords and signing keys that nobody has seen. `make up` does this once.
set -euo pipefail
cd "$(dirname "$0")/../.."

secret() { .venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(24))'; }

echo "# Made by infra/compose/new-env.sh. Keep it: the volumes remember the passwords."
echo "POSTGRES_PASSWORD=$(secret)"
echo "READER_PASSWORD=$(secret)"
echo "RABBITMQ_PASSWORD=$(secret)"
echo "GRAFANA_PASSWORD=$(secret)"
echo "# Who logs in first; the account is made when the gateway starts and there is none of this name."
echo "PACEWATCH_SUPERUSER_EMAIL=admin@pacewatch.example"
echo "PACEWATCH_SUPERUSER_PASSWORD=$(secret)"
.venv/bin/pacewatch keys
