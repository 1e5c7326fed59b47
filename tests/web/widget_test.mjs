// The widget on a page of another site: booking to the end within its frame, where the browser takes no third party's cookies and the site
// isolates itself; and what strangers try with frames and messages.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { axe, startBrowser, visitor, widths } from './support/browser.mjs';
import { makeRoom, trustVisitors } from './support/shop.mjs';
import { comesTo, startServer } from './support/server.mjs';

let server, browser, sites, room, other;
const visits = [];
const pages = {};

// What the site writes down: the widget's events, in order, and all messages.
const listener = `
  window.heard = []; window.messages = [];
  for (const type of ['ready', 'slot_selected', 'booking_created', 'booking_confirmed', 'close', 'error'])
    document.addEventListener('orkestr:' + type, ({ detail, target }) => heard.push({ type, tag: target.id ?? '', ...detail }));
  addEventListener('message', ({ origin, data }) => messages.push({ origin, ...data }));`;

before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  sites = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://site');
    const page = pages[pathname];
    response.setHeader('Content-Type', pathname.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8');
    for (const [name, value] of Object.entries(page?.headers ?? {})) response.setHeader(name, value);
    response.statusCode = page || pathname === '/listener.js' ? 200 : 404;
    response.end(pathname === '/listener.js' ? listener : page?.html ?? '');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => sites.once('listening', resolve));
  const api = server.as('atlas');
  await trustVisitors(api);
  room = await makeRoom(api, { title: 'Framed Room', cancellationPolicy: { kind: 'FLEXIBLE', graceMinutes: 60 } });
  other = await makeRoom(api, { title: 'Other Room' });
  await api('PATCH', '/v1/provider/branding', { embedOrigins: [good('')] });
});
after(async () => {
  for (const { context } of visits) await context.close(); // where a test has failed
  await browser?.close();
  sites?.close();
  await server?.stop();
});

/** The site that the tenant has named, and one that it has not. To browsers neither is the same site as the server. */
const good = (path) => `http://127.0.0.1:${sites.address().port}${path}`;
const evil = (path) => `http://evil.localhost:${sites.address().port}${path}`;
const orkestr = (path = '') => server.at('atlas', path);
const tag = (fields = '') => `<script id="first" src="${orkestr('/embed/v1/widget.js')}" data-tenant="atlas" data-offering="${room.slug}" data-label="Book now" data-color="#0F766E" ${fields} async></script>`;
const isolated = () => ({
  'Cross-Origin-Embedder-Policy': 'require-corp', 'Cross-Origin-Opener-Policy': 'same-origin',
  'Content-Security-Policy': `default-src 'none'; script-src 'self' ${orkestr()}; frame-src ${orkestr()}`,
});
const page = (body, headers = {}) => ({
  html: `<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width, initial-scale=1"><title>A site</title><script src="/listener.js"></script></head><body><main><h1>A site</h1><p>Words of the site.</p>${body}</main></body></html>`,
  headers,
});
const comes = async (options) => {
  const visit = await visitor(browser, options);
  visits.push(visit);
  return visit;
};
const heard = (visit) => visit.page.evaluate(() => window.heard);
const types = async (visit) => (await heard(visit)).map(({ type }) => type);
const frameOf = async (visit, slug = room.slug) => comesTo('the frame', async () => visit.page.frames().find((frame) => frame.url().includes('/embed/v1/atlas/') && (!slug || frame.url().includes(slug))));
const activeIs = (visit, selector) => visit.page.evaluate((selector) => {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return Boolean(active?.closest(selector));
}, selector);

/** One scroll bar at most: the site's page stands still behind the dialog, the dialog does not scroll, and the frame only where it must. */
async function scrolling(visit, frame) {
  const around = await visit.page.evaluate(() => {
    const dialogs = [...document.querySelectorAll('*')].map((element) => element.shadowRoot?.querySelector('dialog[open]')).filter(Boolean);
    return {
      page: getComputedStyle(document.documentElement).overflowY !== 'hidden' && document.documentElement.scrollHeight > innerHeight + 1,
      dialog: dialogs.some((dialog) => dialog.scrollHeight > dialog.clientHeight + 1),
      sideways: document.documentElement.scrollWidth > innerWidth,
    };
  });
  const within = await frame.evaluate(() => ({
    frame: document.scrollingElement.scrollHeight > document.scrollingElement.clientHeight + 1, wide: document.scrollingElement.scrollWidth > innerWidth,
  }));
  return { ...around, ...within };
}

/** How often a frame says that it has another height, while nobody does anything. */
async function restless(visit) {
  const count = () => visit.page.evaluate(() => window.messages.filter(({ type }) => type === 'resize').length);
  await visit.page.waitForTimeout(700);
  const before = await count();
  await visit.page.waitForTimeout(1200);
  return await count() - before;
}

test('the browser keeps cookies of third parties out, and would take them', async () => {
  pages['/cookie'] = { html: '<script>document.cookie = "third=1; SameSite=None; Secure"; parent.postMessage({ cookie: document.cookie }, "*")</script>' };
  pages['/around'] = page(`<iframe src="${evil('/cookie')}" title="x"></iframe>`);
  const taken = [];
  for (const cookies of ['all', 'own']) {
    const visit = await comes({ cookies });
    await visit.page.goto(good('/around'));
    taken.push(await comesTo('a word', () => visit.page.evaluate(() => window.messages.find((message) => 'cookie' in message))));
    await visit.close();
  }
  assert.deepEqual(taken.map(({ cookie }) => cookie), ['third=1', '']);
});

for (const width of widths)
  test(`a booking within an isolated site, no cookies, at ${width} px`, async () => {
    pages['/shop'] = page(tag('data-prefill-name="Ada" data-prefill-email="ada@example.com"') + '<p>More words.</p>', isolated());
    const visit = await comes({ width, cookies: 'own', timezoneId: 'Europe/Berlin' });
    const { page: host } = visit;
    await host.goto(good('/shop'));
    assert.ok(await host.evaluate(() => window.crossOriginIsolated), 'the site is not isolated');
    const open = host.getByRole('button', { name: 'Book now' });
    await open.focus();
    await host.keyboard.press('Enter');
    const dialog = host.getByRole('dialog');
    await dialog.waitFor();
    assert.ok(await activeIs(visit, 'dialog'), 'the focus is not in the dialog');
    const frame = await frameOf(visit);
    await frame.locator('.picker[data-live]').waitFor();
    assert.deepEqual(await axe(host), [], 'the site with the dialog');
    const look = async (state) => {
      assert.equal(await restless(visit), 0, `${state}: the height does not settle`);
      const { page: scrolls, dialog: dialogScrolls, sideways, wide } = await scrolling(visit, frame);
      assert.deepEqual({ scrolls, dialogScrolls, sideways, wide }, { scrolls: false, dialogScrolls: false, sideways: false, wide: false }, state);
      for (const colorScheme of ['light', 'dark']) {
        await host.emulateMedia({ colorScheme });
        assert.deepEqual(await axe(frame), [], `${state}, ${colorScheme}`);
      }
    };
    await look('offering');

    // Escape from within closes, and what was there is there again.
    await frame.locator('.slot').first().focus();
    await host.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    assert.ok(await activeIs(visit, 'button.book'), 'the focus does not come back');
    await comesTo('the word of it', async () => (await types(visit)).join() === 'ready,close');
    await host.keyboard.press('Enter');
    await dialog.waitFor();

    await frame.locator('.slot').last().click();
    await frame.getByRole('heading', { name: 'Checkout' }).waitFor();
    assert.equal(await frame.getByLabel('E-mail').inputValue(), 'ada@example.com');
    await look('checkout');
    await frame.getByRole('button', { name: /^Book and pay/ }).click();
    await frame.getByLabel('Card number').fill('4000 0027 6000 3184');
    await look('pay');
    await frame.getByRole('button', { name: /^Pay/ }).click();
    await frame.getByRole('button', { name: 'It is me', exact: true }).waitFor();
    await look('bank'); // a click while the frame still grows meets nothing
    await frame.getByRole('button', { name: 'It is me', exact: true }).click();
    await comesTo('the confirmation', async () => {
      if ((await types(visit)).includes('booking_confirmed')) return true;
      // The page looks again by itself; where it does not, as a visitor would.
      if (/\/bookings\/bkg_[^/]+$/.test(new URL(frame.url()).pathname) && await frame.locator('meta[http-equiv=refresh]').count() === 0) await frame.goto(frame.url());
      return false;
    });
    await frame.getByText('See you soon, Ada').waitFor();
    await look('receipt');
    await frame.locator('a').first().focus();
    await host.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });

    await comesTo('the last word', async () => (await types(visit)).at(-1) === 'close');
    const all = await heard(visit);
    assert.deepEqual(all.map(({ type }) => type), ['ready', 'close', 'slot_selected', 'booking_created', 'booking_confirmed', 'close']);
    assert.ok(all.every(({ tag: of }) => of === 'first'));
    const { bookingId, status } = all.find(({ type }) => type === 'booking_confirmed');
    assert.equal(status, 'CONFIRMED');
    assert.equal((await server.call('GET', `/v1/api/bookings/${bookingId}`)).status, 'CONFIRMED');

    // It has kept nothing.
    assert.deepEqual(await visit.context.cookies(), []);
    const kept = await frame.evaluate(async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, document.cookie]).catch((error) => error.message);
    if (Array.isArray(kept)) assert.deepEqual(kept, [0, 0, 0, '']);
    await visit.close();
  });

test('two buttons on one page do not mix', async () => {
  pages['/two'] = page(tag() + tag().replace('id="first"', 'id="second"').replace(room.slug, other.slug).replace('Book now', 'Book the other'), isolated());
  const visit = await comes();
  await visit.page.goto(good('/two'));
  await visit.page.getByRole('button', { name: 'Book the other' }).click();
  const frame = await frameOf(visit, other.slug);
  await frame.getByRole('heading', { level: 1, name: 'Other Room' }).waitFor();
  await frame.locator('.picker[data-live]').waitFor();
  assert.equal(await restless(visit), 0, 'the height does not settle'); // a click while the frame still grows meets nothing
  await frame.locator('.slot').first().click();
  await frame.getByRole('heading', { name: 'Checkout' }).waitFor();
  await visit.page.getByRole('button', { name: 'Close' }).click();
  await visit.page.getByRole('button', { name: 'Book now' }).click();
  const first = await frameOf(visit);
  await first.getByRole('heading', { level: 1, name: 'Framed Room' }).waitFor();
  await comesTo('both ready', async () => (await types(visit)).filter((type) => type === 'ready').length === 2);
  const all = await heard(visit);
  assert.deepEqual(all.filter(({ type }) => type === 'slot_selected').map(({ tag: of }) => of), ['second']);
  assert.deepEqual(new Set(all.filter(({ type }) => type === 'ready').map(({ tag: of }) => of)), new Set(['first', 'second']));
  assert.equal(await visit.page.evaluate(() => Object.keys(window.Orkestr).length > 0), true);
  await visit.close();
});

for (const width of widths)
  test(`the pages themselves on a page, as high as they are, at ${width} px`, async () => {
    pages['/inline'] = page(tag('data-mode="inline"'), isolated());
    const visit = await comes({ width });
    await visit.page.goto(good('/inline'));
    const frame = await frameOf(visit);
    await frame.locator('.picker[data-live]').waitFor();
    assert.equal(await restless(visit), 0, 'the height does not settle');
    const { frame: scrolls, wide, sideways } = await scrolling(visit, frame);
    assert.deepEqual({ scrolls, wide, sideways }, { scrolls: false, wide: false, sideways: false });
    // A page that is shorter makes it shorter.
    const height = () => visit.page.evaluate(() => [...document.querySelectorAll('*')].map((element) => element.shadowRoot?.querySelector('iframe')).find(Boolean).clientHeight);
    const before = await height();
    await frame.locator('.slot').first().click();
    await frame.getByRole('heading', { name: 'Checkout' }).waitFor();
    await comesTo('another height', async () => await height() !== before);
    assert.equal(await restless(visit), 0, 'the height does not settle');
    await visit.close();
  });

test('a site that the tenant has not named can frame nothing, nor can one around a named one', async () => {
  pages['/thief'] = page(tag());
  pages['/bare'] = page(`<iframe title="x" src="${orkestr('/embed/v1/atlas/')}"></iframe>`);
  pages['/storefront'] = page(`<iframe title="x" src="${orkestr('/')}"></iframe>`);
  pages['/between'] = page(`<iframe title="x" src="${good('/bare')}"></iframe>`);
  for (const [address, refused] of [[good('/bare'), false], [evil('/bare'), true], [good('/storefront'), true], [evil('/storefront'), true], [evil('/between'), true]]) {
    const visit = await comes();
    await visit.page.goto(address);
    const shown = () => Promise.all(visit.page.frames().map((frame) => frame.evaluate(() => document.body?.dataset.tenant ?? '').catch(() => '')));
    if (refused) {
      await comesTo('a refusal', () => visit.faults.some((fault) => /frame-ancestors/.test(fault)));
      assert.ok(!(await shown()).includes('atlas'), address);
      visit.faults.length = 0;
    } else {
      await comesTo('the pages', async () => (await shown()).includes('atlas'));
    }
    await visit.close();
  }
  // The button says so, and offers another way.
  const visit = await comes();
  await visit.page.goto(evil('/thief'));
  await visit.page.getByRole('button', { name: 'Book now' }).click();
  const way = visit.page.getByRole('link', { name: 'Book in a new tab' });
  await way.waitFor();
  assert.ok((await way.getAttribute('href')).includes(room.slug));
  assert.deepEqual((await heard(visit)).map(({ type, reason }) => [type, reason]), [['error', 'unavailable']]);
  visit.faults.length = 0; // the refusal
  await visit.close();
});

test('messages of others are heard by neither side', async () => {
  pages['/forger'] = {
    html: `<script>addEventListener('message', ({ data }) => {
      for (const type of ['ready', 'slot_selected', 'booking_created', 'booking_confirmed', 'error', 'close', 'resize'])
        parent.postMessage({ orkestr: 1, id: data.id, type, height: 7777, status: 'CONFIRMED', bookingId: 'bkg_forged' }, '*');
      // And straight to the frame of the widget.
      for (let i = 0; i < parent.frames.length; ++i) parent.frames[i].postMessage({ orkestr: 1, id: data.id, type: 'close' }, '*');
    }, { once: true })</script>`,
  };
  pages['/forged'] = page(`${tag()}<iframe id="forger" title="x" src="${evil('/forger')}"></iframe>`);
  const visit = await comes();
  await visit.page.goto(good('/forged'));
  await visit.page.getByRole('button', { name: 'Book now' }).click();
  const frame = await frameOf(visit);
  await frame.locator('.picker[data-live]').waitFor();
  const told = await heard(visit);
  const before = await frame.evaluate(() => document.body.innerHTML);
  await visit.page.evaluate(() => {
    const frame = [...document.querySelectorAll('*')].map((element) => element.shadowRoot?.querySelector('iframe')).find(Boolean);
    const { id } = JSON.parse(frame.name);
    window.widgets = frame;
    // By the site's own window, which knows the name; by another's frame; and to the widget's pages themselves.
    for (const type of ['booking_confirmed', 'close', 'resize', 'error']) window.postMessage({ orkestr: 1, id, type, height: 7777, bookingId: 'bkg_forged' }, '*');
    document.getElementById('forger').contentWindow.postMessage({ id }, '*');
    for (const data of [{ orkestr: 1, id, type: 'close' }, { orkestr: 1, id, type: 'navigate', href: 'http://evil.localhost/' }, 'close', null, { type: 'resize', height: 1 }])
      frame.contentWindow.postMessage(data, '*');
  });
  await comesTo('the forgery', () => visit.page.evaluate((origin) => window.messages.filter((message) => message.origin === origin).length === 7, new URL(evil('/')).origin));
  assert.deepEqual(await heard(visit), told);
  assert.ok(await visit.page.getByRole('dialog').isVisible());
  assert.ok(await visit.page.evaluate(() => parseInt(window.widgets.style.height) < 7777));
  const strip = (html) => html.replace(/<p class="sr" role="status">.*?<\/p>/, '');
  assert.equal(strip(await frame.evaluate(() => document.body.innerHTML)), strip(before));
  await visit.close();
});

test('a frame speaks to nobody but the origin that its name tells', async () => {
  const named = (origin) => JSON.stringify({ orkestr: 1, id: 'x', origin }).replaceAll('"', '&quot;');
  pages['/named'] = page(`<iframe title="x" name="${named('ORIGIN')}" src="${orkestr('/embed/v1/atlas/')}"></iframe>`);
  const counts = [];
  for (const origin of [good(''), evil('')]) {
    pages['/named'].html = pages['/named'].html.replace(/name="[^"]*" src/, `name="${named(origin)}" src`);
    const visit = await comes();
    await visit.page.goto(good('/named'));
    const frame = await frameOf(visit, '');
    await frame.locator('h1').waitFor();
    await visit.page.waitForTimeout(500);
    counts.push((await visit.page.evaluate(() => window.messages.filter(({ orkestr: ours }) => ours).map(({ type }) => type))).includes('ready'));
    visit.faults.splice(0, Infinity, ...visit.faults.filter((fault) => !/target origin provided/.test(fault)));
    await visit.close();
  }
  assert.deepEqual(counts, [true, false]);
});
