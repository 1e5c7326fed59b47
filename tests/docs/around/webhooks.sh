ADMIN=$KEY TOKEN=$KEY
# What is owed to a webhook that is disabled is dead.
a_dead_delivery() {
  for status in DISABLED ACTIVE; do
    curl -X PATCH "$API/v1/provider/webhooks/$(fill <<<whs_…)" -H "Authorization: Bearer $ADMIN" -H 'Content-Type: application/json' -d "{\"status\": \"$status\"}"
  done
}
