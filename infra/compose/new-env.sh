#!/usr/bin/env bash
# Print a new .env for compose.yaml, with random passwords and signing keys. `make up` does this once.
set -euo pipefail
cd "$(dirname "$0")/../.."

secret() { .venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(24))'; }

echo "# Made by infra/compose/new-env.sh. Keep it: the volumes hold data with these passwords."
echo "POSTGRES_PASSWORD=$(secret)"
echo "READER_PASSWORD=$(secret)"
echo "RABBITMQ_PASSWORD=$(secret)"
echo "GRAFANA_PASSWORD=$(secret)"
echo "# The account of each service in PostgreSQL and RabbitMQ. A changed password needs a restart of everything."
echo "INGEST_PASSWORD=$(secret)"
echo "INFERENCE_PASSWORD=$(secret)"
echo "REGISTRY_PASSWORD=$(secret)"
echo "NOTIFIER_PASSWORD=$(secret)"
echo "TRAINER_AGENT_PASSWORD=$(secret)"
echo "GATEWAY_PASSWORD=$(secret)"
echo "# The first account. The gateway creates it at its start if it does not exist."
echo "PACEWATCH_SUPERUSER_EMAIL=admin@pacewatch.example"
echo "PACEWATCH_SUPERUSER_PASSWORD=$(secret)"
.venv/bin/pacewatch keys
