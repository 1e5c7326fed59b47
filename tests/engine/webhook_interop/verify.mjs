// Verifies the deliveries on stdin by the reference's verify(), as printed there, and by npm's standardwebhooks.
//   verify.mjs TOOLS   where node_modules is
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const tools = createRequire(pathToFileURL(`${process.argv[2]}/`));
const { Webhook, WebhookVerificationError } = tools('standardwebhooks');

const reference = readFileSync(new URL('reference_verify.ts', import.meta.url), 'utf8');
const untyped = reference.replaceAll(/: (string|boolean)\b/g, '') + 'export { verify };\n';
const { verify } = await import('data:text/javascript,' + encodeURIComponent(untyped));

/** False only for a refusal: a body that can no longer be parsed was accepted first, and ends the program. */
function accepts(secret, body, headers) {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch (error) {
    if (error instanceof WebhookVerificationError) return false;
    throw error;
  }
}

function check(condition, what, line) {
  if (condition) return;
  console.error(`${what}: ${line}`);
  process.exit(1);
}

/** Another letter or digit in place of one of them, so that the text stays one. */
function changed(text) {
  const places = [...text.matchAll(/[A-Za-z0-9]/g)];
  const { index } = places[Math.floor(Math.random() * places.length)];
  return text.slice(0, index) + (text[index] === '7' ? '3' : '7') + text.slice(index + 1);
}

let count = 0;
for (const line of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const { secrets, headers, body } = JSON.parse(line);
  const signature = headers['X-Orkestr-Signature'];
  check(verify(body, signature, secrets[0]), 'the reference refuses', line);
  check(!verify(changed(body), signature, secrets[0]), 'the reference accepts another body', line);
  check(!verify(body, changed(signature), secrets[0]), 'the reference accepts another signature', line);
  for (const secret of secrets) {
    check(accepts(secret, body, headers), 'standardwebhooks refuses', line);
    check(!accepts(secret, changed(body), headers), 'standardwebhooks accepts another body', line);
    for (const name of ['webhook-id', 'webhook-timestamp'])
      check(!accepts(secret, body, { ...headers, [name]: changed(headers[name]) }), `standardwebhooks accepts another ${name}`, line);
    const alone = headers['webhook-signature'].split(' ')[secrets.indexOf(secret)];
    const entry = 'v1,' + changed(alone.slice(3, -2)) + alone.slice(-2); // the last digit has bits that say nothing
    check(!accepts(secret, body, { ...headers, 'webhook-signature': entry }), 'standardwebhooks accepts another signature', line);
  }
  ++count;
}
console.log(count);
