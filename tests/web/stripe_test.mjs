// Stripe's card form on the page that pays: its script is a small one of ours here, which does what Stripe's promises; behind the server
// stands tests/server/stripe_peer.py. A declined card can be tried again, a script that can't be loaded is said, and paying ends at the receipt.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startBrowser, widths } from './support/browser.mjs';
import { makeRoom, trustVisitors } from './support/shop.mjs';
import { comesTo, startServer } from './support/server.mjs';

const peerScript = `
import sys
sys.path.insert(0, ${JSON.stringify(fileURLToPath(new URL('../server', import.meta.url)))})
from stripe_peer import SECRET, Stripe
peer = Stripe()
print(peer.url, SECRET, flush=True)
peer.target = sys.stdin.readline().strip()
for line in sys.stdin:
    print(peer.pay(line.strip()), flush=True)
`;
const fake = `window.Stripe = (key) => {
  const card = Object.assign(document.createElement('input'), { id: 'fake-card' });
  card.setAttribute('aria-label', 'Card of ' + key);
  const told = {};
  let secret;
  return {
    elements: (options) => { secret = options.clientSecret; window.appearance = options.appearance; return { create: () => ({ on: (what, does) => { told[what] = does; },
      mount: (place) => { place.append(card); setTimeout(() => told.ready()); } }) }; },
    confirmPayment: async ({ confirmParams }) => {
      if (card.value === 'declined') return { error: { type: 'card_error', message: 'Your card was declined.' } };
      await window.payAtPeer(secret);
      location.href = confirmParams.return_url + (confirmParams.return_url.includes('?') ? '&' : '?') + 'redirect_status=succeeded';
      return new Promise(() => {});
    },
  };
};`;

let server, browser, peer, answers, room;
before(async () => {
  peer = spawn('python3', ['-c', peerScript], { stdio: ['pipe', 'pipe', 'inherit'] });
  answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
  const [url, secret] = (await answers.next()).value.split(' ');
  [server, browser] = await Promise.all([startServer({ flags: ['--payments', 'stripe', '--stripe-url', url, '--stripe-secret-key', 'sk_test_peer',
    '--stripe-webhook-secrets', secret, '--stripe-public-key', 'pk_test_peer'] }), startBrowser()]);
  peer.stdin.write(server.baseUrl + '\n');
  await trustVisitors(server.as('atlas'));
  room = await makeRoom(server.as('atlas'), { title: 'Paid Room', autoApprove: true });
});
after(async () => {
  await browser?.close();
  await server?.stop();
  peer?.stdin.end();
});

for (const width of widths)
  test(`paying at ${width} px`, async () => {
    const context = await browser.newContext({ viewport: { width, height: 900 } });
    const page = await context.newPage();
    const faults = [];
    page.on('console', (message) => message.type() === 'error' && !/Failed to load resource/.test(message.text()) && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    await page.exposeFunction('payAtPeer', async (secret) => {
      peer.stdin.write(secret + '\n');
      return (await answers.next()).value;
    });
    let reachable = false;
    await page.route((url) => url.hostname.endsWith('stripe.com'), (route) =>
      reachable ? route.fulfill({ contentType: 'text/javascript', body: fake }) : route.abort());
    await page.goto(server.at('atlas', `/o/${room.slug}`));
    await page.locator('.slot').first().click();
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('E-mail').fill(`ada${width}@example.com`);
    await page.getByRole('button', { name: /^Book and pay/ }).click();
    await page.getByText("The payment form can't be loaded.").waitFor();
    reachable = true;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByLabel('Card of pk_test_peer').fill('declined');
    assert.match(await page.evaluate(() => window.appearance.variables.colorPrimary), /^#/); // the brand's
    await page.getByRole('button', { name: /^Pay €/ }).click();
    await page.getByText('Your card was declined.').waitFor();
    await page.getByLabel('Card of pk_test_peer').fill('4242');
    await page.getByRole('button', { name: /^Pay €/ }).click();
    await page.waitForURL(/\/bookings\/[^/]+\?redirect_status=succeeded$/);
    await comesTo('the receipt', async () => (await page.reload()) && /See you soon, Ada/.test(await page.locator('main').innerText()));
    assert.deepEqual(faults, []);
    await context.close();
  });
