import os
from datetime import datetime, timezone

os.environ["ORKESTR_WEBHOOK_SECRET"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
remembered, worked = set(), []
remember = lambda id: id not in remembered and (remembered.add(id) or True)  # noqa: E731
work = worked.append

SNIPPET

# It takes what is signed, once, and refuses what is not.
body, at = '{"test":1}', datetime.now(timezone.utc)
headers = {"webhook-id": "dlv_1", "webhook-timestamp": str(int(at.timestamp()))}
signed = {**headers, "webhook-signature": webhook.sign("dlv_1", at, body)}
client = app.test_client()
assert [client.post("/orkestr/webhook", data=body, headers=sent).status_code for sent in (signed, signed, {**headers, "webhook-signature": "v1,AAAA"})] == [200, 200, 400]
assert len(worked) == 1
