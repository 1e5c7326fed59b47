// The pages in each language that we ship: whole, in its direction, with no word of English; what a tenant wrote where it is translated; a
// booking in Arabic by keyboard; and the widget in Spanish.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { axe, overflow, startBrowser, visitor, widths } from './support/browser.mjs';
import { Keyboard } from './support/hands.mjs';
import { book, freeSlot } from './support/shop.mjs';
import { comesTo } from './support/server.mjs';
import { startShops } from './support/walk.mjs';

const folder = new URL('../../server/locales/', import.meta.url);
const catalogues = Object.fromEntries(readdirSync(folder).filter((name) => name.endsWith('.json'))
  .map((name) => [name.slice(0, -5), JSON.parse(readFileSync(new URL(name, folder), 'utf8'))]));
const others = Object.keys(catalogues).filter((locale) => locale !== 'en');
const plain = (words) => words.replace(/\s+/g, ' ').trim();
/** A message as a pattern for what is said: arguments may be anything. */
const saying = (pattern) => new RegExp(plain(pattern).split(/\{[^{}]*\}/).map((part) => part.replace(/[.*+?^$()|[\]\\]/g, '\\$&')).join('.+'));

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startShops(), startBrowser()]);
  const api = server.as('atlas');
  const { data } = await api('GET', '/v1/provider/locales');
  for (const locale of others)
    if (!data.some((each) => each.locale === locale)) await api('POST', '/v1/provider/locales', { locale });
  const { room } = server.shop;
  await api('PUT', `/v1/provider/translations/${room.id}/es`, { texts: { title: 'Sala de prueba', description: 'Una sala tranquila.' } });
  await api('PUT', `/v1/provider/translations/${room.id}/ar`, { texts: { title: 'قاعة الاختبار' } });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What is kept of a customer, which no page and no answer of the API tells. */
const localeOf = (email) => execFileSync('python3', ['-c', 'import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute("SELECT locale FROM customers WHERE email = ?", sys.argv[2:]).fetchone())', join(server.data, 'orkestr.db'), email], { encoding: 'utf8' }).trim();

/** What a reader meets that is the pages' own: texts and labels, without what tenants and customers wrote. */
const englishOn = (page, own) => page.evaluate(([english, foreign]) => {
  const found = [];
  const look = (text) => {
    const words = (text ?? '').replace(/\s+/g, ' ').trim();
    if (words && english.includes(words) && !foreign.includes(words)) found.push(words);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) if (!node.parentElement.closest('script, [lang]:not(html)')) look(node.textContent);
  for (const element of document.querySelectorAll('body [aria-label], body [title], body [placeholder], body [alt]'))
    for (const name of ['aria-label', 'title', 'placeholder', 'alt']) look(element.getAttribute(name));
  look(document.title.split(' · ')[0]);
  return found;
}, [Object.values(catalogues.en), Object.values(own)]);

test('a word of English would be seen', async () => {
  const visit = await visitor(browser, { js: false });
  await visit.page.goto(server.at('atlas'));
  assert.ok((await englishOn(visit.page, catalogues.es)).includes('Search'));
  await visit.close();
});

for (const width of widths)
  for (const locale of width === widths[0] ? others : ['es', 'ar']) // the narrow one is where words do not fit
    test(`the pages in ${locale} at ${width} px`, async () => {
      const visit = await visitor(browser, { width, locale, timezoneId: 'Europe/Berlin' });
      const { page } = visit, own = catalogues[locale], { room } = server.shop;
      const faults = [];
      const look = async (state) => {
        assert.equal(await page.locator('html').getAttribute('lang'), locale, state);
        assert.equal(await page.evaluate(() => getComputedStyle(document.body).direction), locale === 'ar' ? 'rtl' : 'ltr', state);
        faults.push(...(await axe(page)).map((fault) => `${state}: ${fault}`), ...(await overflow(page)).map((fault) => `${state}: ${fault}`));
        faults.push(...(await englishOn(page, own)).map((words) => `${state}: "${words}"`));
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), state);
      };
      await page.goto(server.at('atlas'));
      assert.match(plain(await page.locator('main').innerText()), saying(own['price.from'].replace('{price}', own['price.hour'])));
      await look('home');
      await page.goto(server.at('atlas', `/o/${room.slug}`));
      await page.locator('.picker[data-live]').waitFor();
      await look('offering');
      await page.locator('.step').last().click();
      await page.locator('.slot time').first().waitFor();
      await page.locator('.slot').first().click();
      await page.waitForURL(/\/checkout/);
      const lines = page.locator('dl.prices [data-line] dt, dl.prices div:first-child dt');
      const line = await lines.first().innerText();
      assert.doesNotMatch(line, /by the hour/);
      await look('checkout');
      await page.locator('#email').fill('ada@nowhere');
      await page.locator('#email').press('Enter');
      await page.locator('#name-wrong').waitFor();
      assert.equal(await page.locator('#name-wrong').innerText(), own['error.empty']);
      await look('checkout, mistaken');
      await page.locator('#coupon').fill('NOSUCH');
      await page.locator('button[name=apply]').click();
      await page.locator('#coupon-wrong').waitFor();
      assert.equal(await page.locator('#coupon-wrong').innerText(), own['error.couponUnknown']);
      await page.locator('#coupon').fill('TENOFF');
      await page.locator('button[name=apply]').click();
      await page.locator('dt').getByText(saying(own['prices.couponOf'])).waitFor();
      assert.equal(await lines.first().innerText(), line); // also where the script has written the price anew
      await page.locator('#name').fill('Ada');
      await page.locator('#email').fill(`ada.${locale}.${width}@example.com`);
      await page.locator('button[data-book]').click();
      await page.waitForURL(/\/pay/);
      await look('pay');
      await page.goto(page.url().replace(/\/pay.*/, ''));
      await look('receipt');
      assert.equal(localeOf(`ada.${locale}.${width}@example.com`), locale); // in which mails are written
      await page.goto(server.at('atlas', '/bookings'));
      await look('bookings');
      await page.goto(server.at('atlas', '/nothing-here'));
      await look('not found');
      await visit.close();
      assert.deepEqual(faults, []);
    });

test('a reader gets what is translated in place of what the tenant wrote, and may see that too', async () => {
  const { room } = server.shop;
  const visit = await visitor(browser, { locale: 'es-MX', js: false });
  const { page } = visit;
  await page.goto(server.at('atlas', `/o/${room.slug}`));
  assert.equal(await page.locator('h1').innerText(), 'Sala de prueba');
  assert.equal(await page.locator('h1').getAttribute('lang'), null);
  assert.equal(await page.locator('.amenities').getAttribute('lang'), 'en');
  await page.goto(server.at('atlas', `/o/${room.slug}?original=1`));
  assert.equal(await page.locator('h1').innerText(), 'Test Room');
  assert.equal(await page.locator('h1').getAttribute('lang'), 'en');
  assert.equal(await page.locator('html').getAttribute('lang'), 'es');
  await page.getByRole('link', { name: catalogues.es['frame.translation'] }).click();
  assert.equal(await page.locator('h1').innerText(), 'Sala de prueba');
  await visit.close();
});

test('the switch keeps the language; addresses, cookies and headers choose', async () => {
  const visit = await visitor(browser, { js: false });
  const { page } = visit;
  await page.goto(server.at('atlas'));
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  await page.locator('.languages').getByRole('link', { name: 'español' }).click();
  assert.equal(await page.locator('html').getAttribute('lang'), 'es');
  await page.goto(server.at('atlas', '/bookings'));
  assert.equal(await page.locator('html').getAttribute('lang'), 'es');
  await visit.close();

  const lang = async (path, headers = {}) => {
    const response = await fetch(`${server.baseUrl}${path}`, { headers });
    assert.match(response.headers.get('vary') ?? '', /Accept-Language/);
    return (await response.text()).match(/<html lang="([^"]*)"/)[1];
  };
  // Within a second, so that pages that are kept are those of each reader.
  for (let round = 0; round < 2; ++round) {
    assert.equal(await lang('/embed/v1/atlas/'), 'en');
    assert.equal(await lang('/embed/v1/atlas/', { 'Accept-Language': 'ar-EG,en;q=0.5' }), 'ar');
    assert.equal(await lang('/embed/v1/atlas/', { 'Accept-Language': 'es' }), 'es');
    assert.equal(await lang('/embed/v1/atlas/in/es/', { 'Accept-Language': 'ar' }), 'es');
    assert.equal(await lang('/embed/v1/atlas/in/xx/', { 'Accept-Language': 'ja' }), 'en');
  }
});

test('a booking in Arabic, by keyboard', async () => {
  const visit = await visitor(browser, { locale: 'ar', timezoneId: 'Europe/Berlin' });
  const { page } = visit, hand = new Keyboard(page), own = catalogues.ar, { room } = server.shop;
  await page.goto(server.at('atlas', `/o/${room.slug}`));
  assert.equal(await page.locator('h1').innerText(), 'قاعة الاختبار');
  await page.locator('.picker[data-live]').waitFor();
  await hand.press(page.locator('.step').last());
  await page.locator('.slot time').first().waitFor();
  // Where one reads from the right, the left arrow leads on to the day after.
  await hand.go(page.locator('td[tabindex="0"]'));
  const number = async () => Number(await page.evaluate(() => document.activeElement.textContent));
  const before = await number();
  await page.keyboard.press('ArrowLeft');
  await comesTo('the day after', async () => await number() === before + 1);
  await page.keyboard.press('Enter');
  await hand.press(page.locator('.slot').first());
  await page.waitForURL(/\/checkout/);
  await hand.write(page.locator('#name'), 'آدا');
  await hand.write(page.locator('#email'), 'ada@example.com');
  await hand.press(page.locator('button[data-book]'));
  await page.waitForURL(/\/pay/);
  await hand.write(page.locator('#card'), '4242 4242 4242 4242');
  await hand.press(page.getByRole('button', { name: saying(own['live.pay']) }));
  await comesTo('the receipt', async () => plain(await page.locator('main').innerText()).includes(own['status.confirmed']));
  assert.equal(await page.locator('h1').innerText(), own['booking.soon'].replace('{name}', 'آدا'));
  await visit.close();
});

test('what comes after a booking, in Spanish', async () => {
  const { room } = server.shop, own = catalogues.es;
  const { booking, manageToken } = await book(server, 'atlas', room, await freeSlot(server, 'atlas', room.slug, 60));
  await server.as('atlas')('POST', `/v1/api/bookings/${booking.id}/approve`);
  const visit = await visitor(browser, { locale: 'es', js: false, width: 375 });
  const { page } = visit;
  for (const below of ['', '/cancel', '/move', '/review', '/disputes/new']) {
    await page.goto(server.at('atlas', `/bookings/${booking.id}${below}?token=${manageToken}`));
    assert.equal(await page.locator('html').getAttribute('lang'), 'es', below);
    assert.deepEqual(await englishOn(page, own), [], below);
    assert.deepEqual(await overflow(page), [], below);
    assert.deepEqual(await axe(page), [], below);
  }
  await visit.close();
});

test('the widget in Spanish, on a page that is', async () => {
  const { room } = server.shop;
  const sites = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="es"><title>Un sitio</title><main><h1>Un sitio</h1><script src="${server.at('atlas', '/embed/v1/widget.js')}" data-tenant="atlas" data-offering="${room.slug}" data-locale="es" async></script></main></html>`);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => sites.once('listening', resolve));
  const origin = `http://127.0.0.1:${sites.address().port}`;
  await server.as('atlas')('PATCH', '/v1/provider/branding', { embedOrigins: [origin] });
  const visit = await visitor(browser, { locale: 'en-US' });
  try {
    await visit.page.goto(origin);
    await visit.page.getByRole('button', { name: catalogues.es['widget.label'] }).click();
    await visit.page.getByRole('button', { name: catalogues.es['widget.close'] }).waitFor();
    const frame = await comesTo('the frame', async () => visit.page.frames().find((each) => each.url().includes('/embed/v1/atlas/in/es/')));
    await frame.locator('.picker[data-live]').waitFor();
    assert.equal(await frame.locator('html').getAttribute('lang'), 'es');
    assert.equal(await frame.locator('h1').innerText(), 'Sala de prueba');
    await frame.locator('.step').last().click();
    await frame.locator('.slot').first().click();
    await frame.locator('#checkout').waitFor();
    assert.ok(frame.url().includes('/in/es/checkout')); // addresses keep the language, where there are no cookies
    assert.equal(await frame.locator('html').getAttribute('lang'), 'es');
  } finally {
    await visit.close();
    sites.close();
  }
});
