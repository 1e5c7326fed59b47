# A server's data, and a database of this page's own for its `shop`.
"$SERVER" --demo --json --port 0 --log-level warn --data data >ready &
pid=$!
until [[ -s ready ]]; do sleep 0.05; done
kill $pid
wait $pid
shop=docs_$(tr -dc a-z0-9 </dev/urandom | head -c 12 || true) studio=docs_$(tr -dc a-z0-9 </dev/urandom | head -c 12 || true)
psql() { command psql -qAtX -h "$CLUSTER" -U orkestr -d orkestr "$@"; }
psql -c "CREATE DATABASE $shop" && psql -c "CREATE DATABASE $studio"
trap 'psql -c "DROP DATABASE $shop" -c "DROP DATABASE $studio"' EXIT
orkestr-server() {
  local arguments=("${@//\/\/orkestr@db\/shop/\/\/orkestr@\/$shop?host=$CLUSTER}")
  "$SERVER" "${arguments[@]//\/\/orkestr@db\/studio/\/\/orkestr@\/$studio?host=$CLUSTER}"
}
