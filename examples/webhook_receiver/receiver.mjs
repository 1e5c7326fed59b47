// What the integrations in Node share, for Node 18 or newer, without packages: a server that verifies a delivery's raw bytes, takes each one once,
// and hands it on.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

/** The reference's check. The libraries of Standard Webhooks check the time as well. */
function verify(body, signature, secret) {
  const expected = createHmac('sha256', secret).update(body).digest('hex');
  return expected.length === signature.length && timingSafeEqual(Buffer.from(expected), Buffer.from(signature));
}

async function read(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/**
 * Listens on loopback at PORT, 0 for any. `handlers` maps an event to an async function of its data, the delivery's id and the whole
 * event. One that throws is answered 500, so that the delivery comes again; only what was handled is remembered.
 */
export function receive(handlers, { port = Number(process.env.PORT ?? 0), secret = process.env.ORKESTR_WEBHOOK_SECRET } = {}) {
  const seen = new Set(); // in production, a unique index in the database that the work is written to
  const server = createServer(async (request, response) => {
    const answer = (status) => response.writeHead(status).end();
    const body = await read(request);
    if (!verify(body, request.headers['x-orkestr-signature'] ?? '', secret)) return answer(401);
    const id = request.headers['x-orkestr-delivery-id'];
    if (seen.has(id)) return answer(200);
    const event = JSON.parse(body);
    try {
      await handlers[event.type]?.(event.data, id, event);
    } catch (error) {
      console.error(error.message);
      return answer(500);
    }
    seen.add(id);
    answer(200);
  });
  server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
}

/** Sends JSON to another system and insists on a 2xx. Resolves to the answer. */
export async function call(method, url, body, headers = {}) {
  const response = await fetch(url, { method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...headers } });
  if (!response.ok) throw new Error(`${method} ${url} was answered ${response.status}`);
  const text = await response.text();
  return text && JSON.parse(text);
}
