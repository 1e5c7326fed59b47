curl "$BASE/scim/v2/Users" -H "Authorization: Bearer $KEY" -H 'Content-Type: application/scim+json' >/dev/null \
  -d '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"sam@acme.example","name":{"formatted":"Sam"}}'
