# What the commands of every page find: the demo's server in place of the addresses that pages name, its keys, and the program.
ln -sfn "$ROOT/scripts" scripts
of_demo() { jq -r ".$1" <<<"$DEMO"; }
API=$BASE URL=$BASE KEY=$(of_demo adminKey) ADMIN_KEY=$KEY

# A refusal is a failure, unless the page shows it.
curl() {
  local arguments=()
  for argument in "$@"; do
    argument=${argument/#http:\/\/127.0.0.1:8080/$BASE}
    arguments+=("$(sed -E "s#^https://(acme|api)\.orkestr\.example#$BASE#; s#^$BASE/provider/#http://atlas.localhost:${BASE##*:}/provider/#" <<<"$argument")")
  done
  command curl --fail-with-body --silent --show-error "${arguments[@]}"
}

# Settings must be such as the server starts with. Commands on a store do what they say.
orkestr-server() {
  case $1 in
    admin | backup | check | create-tenant | export-tenant | import-tenant | migrate | restore) "$SERVER" "$@"; return ;;
  esac
  local folder pid name
  for name in "${!ORKESTR_@}"; do export "$name=${!name//…/example}"; done
  folder=$(mktemp -d -p .)
  "$SERVER" "$@" --json --port 0 --log-level warn --data "$folder" >"$folder/ready" &
  pid=$!
  until [[ -s $folder/ready ]]; do
    kill -0 "$pid"
    sleep 0.05
  done
  kill "$pid"
  wait "$pid"
}

# Standard input, with each id that is cut short (dlv_01kq…) made the newest of its kind that was printed.
fill() {
  local text prefix id
  text=$(cat)
  for prefix in $(grep -oE '\b[a-z]{3}_\w*…' <<<"$text" | cut -c1-3 | sort -u); do
    id=$(cat $(ls -tr "$RESULTS"/[0-9]* | grep -v end) | grep -oE "\b${prefix}_[0-9a-z]{26}" | tail -n 1)
    text=$(sed -E "s/\b${prefix}_\w*…/$id/g" <<<"$text")
  done
  echo "$text"
}
