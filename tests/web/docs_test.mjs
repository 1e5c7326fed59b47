// The documentation as the server shows it, without JavaScript: every page from the index on, every link and fragment, axe on those that
// differ in what they hold.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { inspector, overflow, startBrowser, visitor, widths } from './support/browser.mjs';
import { startServer } from './support/server.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const { inspect, tell } = inspector();
const looked_at = ['/docs', '/docs/errors', '/docs/concepts', '/docs/quickstart-cpp', '/docs/benchmarks'];

test('every page is reached, says what it is, fits, and has no dead link', async (t) => {
  const visit = await visitor(browser, { js: false }), { page } = visit;
  const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  const waiting = ['/docs'], seen = new Map(), wanted = [], titles = new Set();
  while (waiting.length) {
    const path = waiting.pop();
    if (seen.has(path)) continue;
    const response = await page.goto(server.baseUrl + path);
    assert.equal(response.status(), 200, path);
    if (path === '/docs/api' || !response.headers()['content-type'].startsWith('text/html')) {
      seen.set(path, null);
      continue;
    }
    assert.equal(response.headers()['content-security-policy'], policy, path);
    const found = await page.evaluate(() => ({
      title: document.title, headings: document.querySelectorAll('h1').length,
      description: document.querySelector('meta[name=description]')?.content,
      ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
      links: [...document.querySelectorAll('a[href]')].map(({ href }) => href),
      broken: [...document.images].filter((image) => !image.naturalWidth).map(({ src }) => src),
    }));
    assert.match(found.title, / · Orkestr/, path);
    assert.ok(!titles.has(found.title), `${path}: ${found.title} is another page's title too`);
    assert.equal(found.headings, 1, path);
    assert.ok(found.description?.length > 20, `${path}: ${found.description}`);
    assert.equal(new Set(found.ids).size, found.ids.length, `${path}: an id stands twice`);
    assert.deepEqual(found.broken, [], path);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      assert.deepEqual(await overflow(page), [], `${path} at ${width}`);
    }
    titles.add(found.title);
    seen.set(path, new Set(found.ids));
    for (const link of found.links.map((href) => new URL(href))) {
      if (link.origin !== server.baseUrl) continue;
      if (link.pathname.startsWith('/docs')) waiting.push(link.pathname);
      if (link.hash) wanted.push([path, link.pathname, decodeURIComponent(link.hash.slice(1))]);
    }
  }
  for (const [from, path, id] of wanted)
    if (seen.get(path)) assert.ok(seen.get(path).has(id), `${from}: ${path} has no #${id}`);
  assert.ok(seen.size > 30 && wanted.length > 100, `${seen.size} pages, ${wanted.length} fragments`);
  t.diagnostic(`${seen.size} pages, ${wanted.length} fragments`);
  await visit.close();
});

for (const width of widths)
  test(`pages at ${width} px`, async () => {
    const visit = await visitor(browser, { width, js: false });
    for (const path of looked_at) {
      await visit.page.goto(server.baseUrl + path);
      await inspect(width)(path, visit.page);
    }
    await visit.close();
  });

test('axe finds nothing, and nothing is wider than the screen', (t) => {
  tell(t);
});

test('the reference of the REST API is where it is linked to', async () => {
  const visit = await visitor(browser);
  const [document] = await Promise.all([visit.page.waitForResponse((response) => response.url().endsWith('/v1/openapi.json')), visit.page.goto(server.baseUrl + '/docs/api')]);
  assert.equal(document.status(), 200);
  await visit.page.waitForFunction(() => window.document.querySelector('rapi-doc').shadowRoot?.innerHTML.length > 500_000, null, { timeout: 60_000 }); // all of it is drawn
  await visit.close();
});
