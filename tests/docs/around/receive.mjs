process.env.ORKESTR_WEBHOOK_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
import assert from 'node:assert/strict';
import http from 'node:http';
const remembered = new Set(), worked = [];
const remember = (id) => !remembered.has(id) && remembered.add(id);
const work = (event) => worked.push(event);

SNIPPET

// It takes what is signed, once, and refuses what is not.
const server = http.createServer(app).listen(0, '127.0.0.1', async () => {
  const body = '{"test":1}', at = new Date(), signature = webhook.sign('dlv_1', at, body);
  const send = (headers) => fetch(`http://127.0.0.1:${server.address().port}/orkestr/webhook`, { method: 'POST', body, headers: { 'content-type': 'application/json', 'webhook-id': 'dlv_1', 'webhook-timestamp': String(Math.floor(at / 1000)), ...headers } });
  assert.equal((await send({ 'webhook-signature': signature })).status, 200);
  assert.equal((await send({ 'webhook-signature': signature })).status, 200);
  assert.equal((await send({ 'webhook-signature': 'v1,AAAA' })).status, 400);
  assert.equal(worked.length, 1);
  server.close();
});
