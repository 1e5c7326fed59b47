// What a page costs and how it behaves while it loads: nothing moves, nothing is asked of others, little script, everything that matters is
// in what the server sends.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { gzipSync } from 'node:zlib';
import { startBrowser, visitor, widths } from './support/browser.mjs';
import { book, freeSlot } from './support/shop.mjs';
import { startShops } from './support/walk.mjs';

const mostScript = 20_000, mostShift = 0.02;
let server, browser, places;
before(async () => {
  [server, browser] = await Promise.all([startShops(), startBrowser()]);
  const { room, never } = server.shop;
  const slot = await freeSlot(server, 'atlas', room.slug, 4), later = await freeSlot(server, 'atlas', room.slug, 8);
  const hold = await server.call('POST', '/v1/public/atlas/holds', { offeringId: room.id, startsAt: slot.startsAt, endsAt: slot.endsAt }, null);
  const { booking, manageToken } = await book(server, 'atlas', room, later);
  places = {
    home: '/', search: '/?q=room&sort=price', offering: `/o/${room.slug}`, 'offering of the demo': '/o/riverside-co-working-floor',
    'nothing free': `/o/${never.slug}`, checkout: `/checkout?hold=${hold.id}&o=${room.slug}&until=${hold.expiresAt}`,
    receipt: `/bookings/${booking.id}?token=${manageToken}`, pay: `/bookings/${booking.id}/pay?token=${manageToken}`, bookings: '/bookings',
    'not found': '/nothing-here',
  };
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What the server sends, as it is: status, headers and text, or bytes for those who take them packed. */
function fetchRaw(address, headers = {}) {
  const { hostname, port, pathname, search } = new URL(address);
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: pathname + search, headers: { Host: `${hostname}:${port}`, ...headers } }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
    }).on('error', reject);
  });
}

/** Opens a page and notes what moves in it, and what its largest part is. */
async function load(address, options) {
  const visit = await visitor(browser, options);
  await visit.page.addInitScript(() => {
    window.seen = { shift: 0, moved: [], largest: null };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (entry.hadRecentInput) continue;
        window.seen.shift += entry.value;
        window.seen.moved.push(...entry.sources.map(({ node }) => `${node?.nodeName} ${node?.className ?? ''}`));
      }
    }).observe({ type: 'layout-shift', buffered: true });
    new PerformanceObserver((list) => {
      for (const { element, startTime } of list.getEntries())
        if (element) window.seen.largest = { tag: element.localName, source: element.getAttribute('src'), text: element.textContent.trim().slice(0, 40), at: Math.round(startTime) };
    }).observe({ type: 'largest-contentful-paint', buffered: true });
  });
  const scripts = [];
  visit.page.on('response', (response) => {
    if (/javascript/.test(response.headers()['content-type'] ?? '')) scripts.push(response.url());
  });
  const response = await visit.page.goto(address, { waitUntil: 'networkidle' });
  await visit.page.waitForTimeout(300); // so that what comes late comes
  const seen = await visit.page.evaluate(() => window.seen);
  return { visit, response, scripts, ...seen };
}

test('a page that moves while it loads would be seen', async () => {
  const { visit, shift, largest } = await load('data:text/html,' + encodeURIComponent('<title>x</title><p>One</p><h1 style="font-size:90px">A large heading of the page</h1><script>setTimeout(()=>document.querySelector("p").style.height="300px",300)</script>'));
  assert.ok(shift > mostShift, `seen ${shift}`);
  assert.equal(largest.tag, 'h1');
  await visit.close();
});

const rows = [];
for (const width of widths)
  test(`each page at ${width} px`, async () => {
    for (const [name, path] of Object.entries(places)) {
      const address = server.at('atlas', path);
      const { visit, response, scripts, shift, moved, largest } = await load(address, { width });
      const raw = (await response.text());
      const sizes = [];
      for (const script of new Set(scripts)) {
        const packed = await fetchRaw(script, { 'Accept-Encoding': 'gzip' });
        assert.equal(packed.headers['content-encoding'], 'gzip', script);
        sizes.push(packed.body.length);
      }
      const script = sizes.reduce((sum, size) => sum + size, 0);
      rows.push(`${name.padEnd(22)}${String(width).padStart(5)}${String(response.status()).padStart(5)}  html ${String(gzipSync(raw).length).padStart(6)} B  script ${String(script).padStart(6)} B  CLS ${shift.toFixed(4)}  largest ${largest.tag} "${largest.source ?? largest.text}"`);
      assert.ok(script <= mostScript, `${name}: ${script} bytes of script`);
      assert.ok(shift <= mostShift, `${name} moves by ${shift}: ${moved.join(', ')}`);
      // What is seen first is in what the server sends; no script makes it.
      assert.ok(raw.includes(largest.source ?? largest.text.slice(0, 12).replaceAll('&', '&amp;')), `${name}: ${JSON.stringify(largest)}`);
      await visit.close(); // and no fault of its own: other hosts, errors, violations
    }
  });

test('the policy and the other headers of a page are strict', async () => {
  for (const [name, path] of Object.entries(places)) {
    let at = server.at('atlas', path), answer;
    const cookies = new Map();
    for (let hops = 0; hops < 4 && (!answer || answer.status === 303); ++hops) {
      answer = await fetchRaw(at, { Cookie: [...cookies.values()].join('; ') });
      for (const cookie of answer.headers['set-cookie'] ?? []) cookies.set(cookie.split('=')[0], cookie.split(';')[0]);
      if (answer.status === 303) at = new URL(answer.headers.location, at).href;
    }
    assert.ok(answer.headers['content-security-policy'], `${name}: ${answer.status} ${at}`);
    const policy = Object.fromEntries(answer.headers['content-security-policy'].split(';').map((part) => part.trim()).map((part) => [part.split(' ')[0], part.split(' ').slice(1)]));
    assert.deepEqual(policy['default-src'], ["'none'"], name);
    assert.deepEqual(policy['frame-ancestors'], ["'none'"], name);
    assert.deepEqual(policy['base-uri'], ["'none'"], name);
    assert.deepEqual(policy['form-action'], ["'self'"], name);
    for (const directive of ['script-src', 'style-src', 'connect-src'])
      if (policy[directive]) assert.deepEqual(policy[directive], ["'self'"], `${name} ${directive}`);
    assert.doesNotMatch(answer.headers['content-security-policy'], /unsafe|\*|data:(?!$|;)[^;]*script/, name);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff', name);
    assert.ok(answer.headers['referrer-policy'], name);
    assert.match(answer.headers['content-type'], /^text\/html; charset=utf-8$/, name);
  }
});

test('what machines read of a page is there, and says what people read', async () => {
  const visit = await visitor(browser);
  for (const [name, path] of Object.entries(places)) {
    await visit.page.goto(server.at('atlas', path));
    const head = await visit.page.evaluate(() => {
      const of = (selector, name) => document.querySelector(selector)?.getAttribute(name) ?? null;
      return {
        lang: document.documentElement.lang, title: document.title, description: of('meta[name=description]', 'content'), canonical: of('link[rel=canonical]', 'href'),
        robots: of('meta[name=robots]', 'content'), heading: document.querySelector('h1')?.textContent.trim(), headings: document.querySelectorAll('h1').length,
        og: Object.fromEntries([...document.querySelectorAll('meta[property^=og]')].map((meta) => [meta.getAttribute('property'), meta.content])),
        data: [...document.querySelectorAll('script[type="application/ld+json"]')].map((script) => script.textContent),
      };
    });
    assert.equal(head.lang, 'en', name);
    assert.match(head.title, /Atlas Studios$/, name);
    assert.ok(head.headings === 1 && head.heading, `${name}: ${head.headings} headings`);
    const open = ['home', 'search', 'offering', 'offering of the demo', 'nothing free'].includes(name);
    if (open) {
      assert.ok(head.description !== null && (name === 'nothing free' || head.description.length > 20), `${name}: ${head.description}`);
      assert.equal(head.canonical, server.at('atlas', path.split('?')[0]), name);
      assert.equal(head.og['og:url'], head.canonical, name);
      assert.equal(head.og['og:title'], head.title, name);
      assert.equal(head.robots, null, name);
    } else {
      assert.equal(name === 'not found' || head.robots === 'noindex', true, name);
    }
    for (const text of head.data) {
      const data = JSON.parse(text);
      assert.equal(data['@context'], 'https://schema.org');
      assert.equal(data.name, head.heading, name);
      assert.equal(data.offers.url, head.canonical, name);
    }
    assert.equal(head.data.length, name.includes('offering') || name === 'nothing free' ? 1 : 0, name);
  }
  await visit.close();
});

test('figures', (t) => {
  for (const row of rows) t.diagnostic(row);
  assert.equal(rows.length, widths.length * Object.keys(places).length);
});
