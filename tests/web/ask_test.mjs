// Questions about an offering: in place, without JavaScript, in the portal, and whatever is asked.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { inspector, startBrowser, visitor, widths } from './support/browser.mjs';
import { anatomy, watch } from './support/detector.mjs';
import { heading, settled, signIn, startBusiness } from './support/portal.mjs';
import { payloads } from './support/payloads.mjs';
import { startShops } from './support/walk.mjs';

let server, browser, business;
const place = () => server.at('atlas', '/o/riverside-co-working-floor');
before(async () => {
  [server, business, browser] = await Promise.all([startShops(), startBusiness(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await Promise.all([server?.stop(), business?.stop()]);
});

const { inspect, tell } = inspector();
const said = (page) => page.locator('.ask .said');
const type = (page, question) => page.getByLabel('Your question').fill(question);

for (const width of widths) {
  test(`a question is answered in place at ${width} px, by keyboard`, async () => {
    const visit = await visitor(browser, { width });
    const { page } = visit;
    const look = inspect(width);
    await page.goto(place());
    await page.evaluate(() => { window.same = true; });
    const loaded = page.waitForResponse(/\/assets\/part-ask-.*\.js/);
    await page.getByLabel('Your question').focus(); // which brings the script
    await loaded;
    await page.keyboard.type('Is there a printer?');
    await page.waitForTimeout(300);
    await page.keyboard.press('Enter');
    await said(page).getByText('The listing says: “Amenities: wifi, coffee, phone booths, printer, showers”').waitFor();
    assert.equal(await said(page).getAttribute('role'), 'status'); // so that it is read out
    assert.equal(await said(page).getAttribute('aria-busy'), null);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'question'); // the focus stays
    assert.equal(await page.getByLabel('Your question').inputValue(), 'Is there a printer?');
    assert.match(await said(page).getByRole('link', { name: 'Riverside Co-working Floor' }).getAttribute('href'), /^\/o\/riverside-co-working-floor/);
    await look('ask-answered', page);
    await type(page, 'Is there a helipad?');
    await page.getByRole('button', { name: 'Ask' }).click();
    await said(page).getByText("I don't know").waitFor();
    assert.equal(await said(page).getByRole('link', { name: 'See what else can be booked' }).getAttribute('href'), '/');
    await look('ask-unknown', page);
    // The connection breaks, and comes back.
    await page.route('**/assistant', (route) => route.abort());
    await page.getByRole('button', { name: 'Ask' }).click();
    await said(page).getByText('That did not work just now.').waitFor();
    await look('ask-failed', page);
    await page.unroute('**/assistant');
    await page.route('**/assistant', (route) => route.fulfill({ status: 429, contentType: 'application/problem+json', body: '{"code":"rate_limited","status":429}' }));
    await page.getByRole('button', { name: 'Ask' }).click();
    await said(page).getByText('Those were many questions.').waitFor();
    await page.unroute('**/assistant');
    assert.equal(await page.evaluate(() => window.same), true, 'the page was loaded anew');
    visit.faults.splice(0, visit.faults.length, ...visit.faults.filter((fault) => !fault.includes('Failed to load resource')));
    await visit.close();
  });

  test(`a question is answered without JavaScript at ${width} px`, async () => {
    const visit = await visitor(browser, { width, js: false });
    const { page } = visit;
    await page.goto(place());
    await type(page, 'How many people fit in?');
    await page.getByRole('button', { name: 'Ask' }).click();
    await said(page).getByText('The listing says: “Seats: 40”').waitFor();
    assert.match(page.url(), /\/o\/riverside-co-working-floor\/ask#ask$/);
    await inspect(width)('ask-answered-nojs', page);
    await type(page, 'Is there a helipad?');
    await page.getByRole('button', { name: 'Ask' }).click();
    await said(page).getByText("I don't know").waitFor();
    await said(page).getByRole('link', { name: 'See what else can be booked' }).click();
    await page.getByRole('link', { name: 'Riverside Co-working Floor' }).waitFor();
    await visit.close();
  });
}

test('of two questions the later one counts', async () => {
  const visit = await visitor(browser);
  const { page } = visit;
  await page.goto(place());
  await page.getByLabel('Your question').focus();
  await page.waitForTimeout(500);
  let first;
  await page.route('**/assistant', async (route) => {
    if (!first) {
      first = route; // which comes back last
      return;
    }
    await route.continue();
  });
  await type(page, 'Is there a printer?');
  await page.keyboard.press('Enter');
  await said(page).getByText('One moment …').waitFor();
  assert.equal(await said(page).getAttribute('aria-busy'), 'true');
  await type(page, 'How many people fit in?');
  await page.keyboard.press('Enter');
  await said(page).getByText('Seats: 40').waitFor();
  await first.continue();
  await page.waitForTimeout(500);
  assert.equal(await said(page).getByText('Seats: 40').count(), 1);
  assert.equal(await said(page).getByText('printer').count(), 0);
  await visit.close();
});

test('whatever is asked, and whatever a listing says, nothing of it runs', async () => {
  const api = server.as('atlas');
  const some = payloads.filter((payload) => payload.trim() && payload.length < 400 && !/[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(payload));
  assert.ok(some.length > 50);
  const offering = await api('POST', '/v1/api/offerings', {
    title: 'Payload Place', productTypeKey: 'space', basePriceCents: 100, currency: 'USD', status: 'PUBLISHED',
    description: some.map((payload) => `The sauna ${payload.replaceAll('\n', ' ')}`).join('\n').slice(0, 19_000),
  });
  for (const js of [true, false]) {
    const page = await (await browser.newContext({ locale: 'en-US', javaScriptEnabled: js, bypassCSP: js })).newPage();
    const { take } = await watch(page, [server.at('atlas', ''), 'https://images.example.com/']);
    await page.goto(server.at('atlas', `/o/${offering.slug}`));
    if (js) {
      await page.getByLabel('Your question').focus();
      await page.waitForTimeout(500);
    }
    for (const payload of js ? some : some.slice(0, 40)) {
      await type(page, `sauna ${payload.replaceAll('\n', ' ')}`);
      const answered = js ? page.waitForResponse(/\/assistant$/) : page.waitForNavigation();
      await page.getByRole('button', { name: 'Ask' }).click();
      await answered;
      await page.locator('.ask .said[role=status]:not([aria-busy=true])').waitFor();
      assert.deepEqual(take(), [], payload);
    }
    if (js) assert.deepEqual((await anatomy(page)).bad, []);
    await page.context().close();
  }
});

test('in the portal it can be tried, and has a price and a summary', async () => {
  for (const width of widths) {
    const visit = await visitor(browser, { width });
    const { page } = visit;
    await signIn(business, page, business.ownerEmail);
    await page.goto(business.at('atlas', '/provider/assistant'));
    await heading(page, 'Assistant');
    await settled(page);
    await page.getByText('Your own words').waitFor();
    await page.getByLabel('Question').fill('Which place has a cyclorama?');
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('link', { name: 'Daylight Photo Studio' }).waitFor();
    await inspect(width)('portal-assistant', page);
    await page.getByRole('link', { name: 'Daylight Photo Studio' }).click();
    await heading(page, 'Daylight Photo Studio');
    await settled(page);
    await page.getByRole('button', { name: 'Summarise the description' }).click();
    await page.getByRole('status').getByText('North light through').waitFor();
    await page.getByRole('button', { name: 'Suggest a price' }).click();
    await page.getByText('comparable offerings of your own').waitFor();
    await inspect(width)('portal-price', page);
    const suggested = (await page.locator('.note strong').first().innerText()).replace(/[^\d.]/g, '');
    await page.getByRole('button', { name: 'Use it' }).click();
    assert.equal(Number(await page.getByLabel('Base price').inputValue()), Number(suggested));
    await visit.close();
  }
});

test('axe finds nothing, and nothing is wider than the screen', (t) => {
  tell(t);
});
