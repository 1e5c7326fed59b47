shop=$BASE/v1/public/atlas
TENANT=$(curl "$BASE/v1/api/me" -H "Authorization: Bearer $KEY" | jq -r .tenant.id)
ADMIN=$(of_demo adminToken)
post() { curl "$@" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json'; }

# A booking that its customer has a token for, approved.
a_booking() {
  local offering slot made
  read -r SLUG offering < <(curl "$shop/offerings?limit=1" | jq -r '.data[0] | "\(.slug) \(.id)"')
  slot=$(curl "$shop/offerings/$SLUG/slots?from=$(date -u -d '+2 days' +%F)&to=$(date -u -d '+16 days' +%F)" | jq '.slots[0] | {startsAt, endsAt}')
  made=$(post "$shop/bookings" -d "$(jq --arg o "$offering" '. + {offeringId: $o, customer: {name: "Ada", email: "ada@example.com"}}' <<<"$slot")")
  BOOKING=$(jq -r .booking.id <<<"$made") TOKEN=$(jq -r .manageToken <<<"$made")
  post -X POST "$BASE/v1/provider/bookings/$BOOKING/approve" >/dev/null
}
# One whose dispute was escalated, for the platform's admin.
an_escalated_dispute() {
  a_booking
  DISPUTE=$(customer "$shop/bookings/$BOOKING/disputes" -d '{"category":"NOT_PROVIDED","reason":"Shut."}' | jq -r .id)
  customer -X POST "$shop/bookings/$BOOKING/disputes/$DISPUTE/escalate"
}
# Of a business that was not verified yet.
a_document() {
  printf '%%PDF-1.7 excerpt\n' >excerpt.pdf
  KEY=$(of_demo otherKey) TENANT=$(curl "$URL/v1/admin/tenants?status=PENDING" -H "Authorization: Bearer $ADMIN" | jq -r '.data[0].id')
  curl -X POST "$URL/v1/admin/tenants/$TENANT/approve" -H "Authorization: Bearer $ADMIN"
}
an_open_business() { KEY=$(of_demo adminKey); }
what_was_handed_in() {
  read -r KYB DOCUMENT < <(curl "$URL/v1/provider/kyb" -H "Authorization: Bearer $KEY" | jq -r '.submission | "\(.id) \(.documents[0].id)"')
}
# On a store that no server has open.
orkestr-server() { "$SERVER" "$@" --data desk; }
a_booking
