#!/bin/sh
# Print every change of an experiment as it happens, with curl, over whatever cuts it off.
#
#   TRIALGRAPH_KEY=tg_… ./follow_changes.sh changes.cursor
#
# The file keeps the place in the log: whoever is started again with it goes on where it ended.
# Exit status: 2 the key is not accepted, or may not read experiments.
set -eu
place=$1
url=${TRIALGRAPH_URL:-http://127.0.0.1:8000/graphql}
body='{"query": "subscription { experimentsChanged { event { at action actor } experiment { key status } } }"}'

# Server-sent events: an id is the cursor, data is an answer, and an empty line ends the event.
print() {
  id=
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      'id: '*) id=${line#id: } ;;
      '{'* | 'data: {"errors"'*)
        echo "The changes cannot be followed: $line" >&2
        exit 2
        ;;
      'data: '*) echo "${line#data: }" ;;
      '')
        # Written last: whoever is killed before it prints the line twice rather than never.
        if [ -n "$id" ]; then echo "$id" >"$place"; fi
        ;;
    esac
  done
}

while :; do
  after=$(cat "$place" 2>/dev/null || true)
  curl --silent --show-error --no-buffer \
    --header "Authorization: Api-Key $TRIALGRAPH_KEY" \
    --header 'Content-Type: application/json' --header 'Accept: text/event-stream' \
    ${after:+--header "Last-Event-ID: $after"} --data "$body" "$url" | print || exit $?
  sleep 1
done
