#!/bin/sh
# Start an experiment safely, with curl: look first, then start exactly what was looked at, once.
#
#   TRIALGRAPH_KEY=tg_… ./start_experiment.sh checkout_button
#
# Exit status: 0 it runs now, 1 it was refused, 2 the gateway could not be asked.
set -eu
key=$1
url=${TRIALGRAPH_URL:-http://127.0.0.1:8000/graphql}

ask() {
  curl --silent --show-error --fail-with-body --max-time 30 --retry 3 --retry-connrefused \
    --header "Authorization: Api-Key $TRIALGRAPH_KEY" \
    --header 'Content-Type: application/json' --data "$1" "$url" || exit 2
}

# The value at a path of a JSON answer, such as data.experiment.id.
at() {
  python3 -c '
import functools, json, sys
names = sys.argv[1].split(".")
value = functools.reduce(lambda found, name: found and found[name], names, json.load(sys.stdin))
print("" if value is None else value if isinstance(value, str) else json.dumps(value))' "$1"
}

# Text as JSON writes it.
quoted() {
  python3 -c 'import json, sys; print(json.dumps(sys.argv[1]))' "$1"
}

query='query($key: String!) { experiment(key: $key) { id version } }'
seen=$(ask "{\"query\": $(quoted "$query"), \"variables\": {\"key\": $(quoted "$key")}}")
id=$(echo "$seen" | at data.experiment.id)
version=$(echo "$seen" | at data.experiment.version)
if [ -z "$id" ]; then
  echo "There is no experiment '$key'." >&2
  exit 1
fi

# expectedVersion: if somebody changes it meanwhile, nothing happens.
# idempotencyKey: curl may try again when an answer is lost, and starts nothing twice.
query='mutation($input: StartExperimentInput!) { startExperiment(input: $input) { ok errors { message } experiment { phase } } }'
input="{\"id\": \"$id\", \"expectedVersion\": $version, \"idempotencyKey\": $(quoted "start $key at version $version")}"
answer=$(ask "{\"query\": $(quoted "$query"), \"variables\": {\"input\": $input}}")

if [ "$(echo "$answer" | at data.startExperiment.ok)" != true ]; then
  echo "$key was not started: $(echo "$answer" | at data.startExperiment.errors)" >&2
  exit 1
fi
echo "$key is $(echo "$answer" | at data.startExperiment.experiment.phase)."
