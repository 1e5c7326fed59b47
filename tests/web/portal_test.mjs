// The portal and the console: every page at both widths, in light and dark; the way of a provider from an empty installation to a confirmed
// booking; what each role sees; and what can be done by nothing but the keyboard.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { inspector, startBrowser, visitor, widths } from './support/browser.mjs';
import { heading, settled, signIn, startBusiness, walkConsole, walkDoors, walkPages } from './support/portal.mjs';
import { comesTo } from './support/server.mjs';
import { book, freeSlot } from './support/shop.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startBusiness(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const { inspect, tell } = inspector();

for (const width of widths)
  test(`every page at ${width} px`, async () => {
    const visit = await visitor(browser, { width });
    const at = inspect(width);
    await walkDoors(server, visit, at);
    await signIn(server, visit.page, server.ownerEmail);
    await walkPages(server, visit, at);
    await walkConsole(server, visit, at);
    await visit.close();
  });

test('what axe and the eye for width have seen', (t) => tell(t));

/** The link in the last mail to somebody, in the outbox of a server in development. */
async function linkTo(address) {
  return comesTo(`a mail to ${address}`, async () => {
    const mails = await (await fetch(`http://localhost:${server.port}/dev/mail`)).json();
    const mail = mails.filter(({ to }) => to === address).at(-1) ?? mails.find(({ to }) => to === address);
    return mail?.text.match(/http\S+token=\S+/)?.[0];
  });
}

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const said = (page, words) => page.getByRole('status').filter({ hasText: words }).first().waitFor();

test('the eleven steps, from nothing to a confirmed booking', async () => {
  const visit = await visitor(browser, { width: 1280 });
  const { page } = visit;
  const base = `http://localhost:${server.port}`, shop = `http://harbour.localhost:${server.port}`;
  const at = (path) => page.goto(base + path);
  // 1. A business is opened on the platform's own host.
  await at('/provider/sign-up');
  await page.getByLabel('Name of the business').fill('Harbour Rooms');
  await page.getByLabel('Address').fill('harbour');
  await page.getByLabel('Your name').fill('Ada Okafor');
  await page.getByLabel('E-mail').fill('ada@harbour.example');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByLabel('Currency').selectOption('EUR');
  await press(page, 'Open it');
  await heading(page, 'Hello, Ada');
  assert.equal((await server.ask('GET', '/v1/public/harbour', undefined, null)).answer.code, 'tenant_pending'); // until the address is confirmed
  const confirmation = new URL(await linkTo('ada@harbour.example'));
  assert.equal(confirmation.host, `harbour.localhost:${server.port}`);
  await at(confirmation.pathname + confirmation.search);
  await press(page, 'It is mine');
  await page.getByText('Your storefront is open').waitFor();
  assert.equal(new URL(page.url()).search, ''); // the token stays in no history
  await page.goto(shop);
  await page.getByText('Harbour Rooms').first().waitFor();
  // 2. Its brand.
  await at('/provider/branding');
  await page.getByLabel('Tagline').fill('Rooms by the water');
  await page.getByLabel('Colour', { exact: true }).fill('#0F766E');
  await page.getByLabel('Text', { exact: true }).fill('Open all summer');
  await press(page, 'Save');
  await said(page, 'Saved');
  // 3. Its documents; an admin of the platform says yes.
  await at('/provider/kyb');
  await page.getByLabel('File').setInputFiles({ name: 'register.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7\n') });
  await page.getByText('register.pdf').waitFor();
  await page.getByLabel('Legal name').fill('Harbour Rooms Ltd');
  await page.getByLabel('Registration number').fill('HR 42');
  await page.getByLabel('Country').fill('DE');
  for (const words of [/insured/, /deposits/, /terms/]) await page.getByLabel(words).check();
  await press(page, 'Send it in');
  await page.getByText('The platform looks at it').waitFor();
  const console_ = await visitor(browser, { width: 1280 });
  await console_.page.goto(`${base}/admin`);
  await console_.page.getByLabel('Token').fill(server.platformToken);
  await press(console_.page, 'Sign in');
  await console_.page.getByRole('link', { name: 'Harbour Rooms Ltd' }).click();
  await press(console_.page, 'Verify');
  await press(console_.page, 'Verify it');
  await said(console_.page, 'Verified');
  await console_.close();
  // 4. What it sells.
  await at('/provider/offerings');
  await page.getByRole('button', { name: 'New offering' }).first().click();
  await page.getByLabel('Title').fill('Quay Room');
  await page.getByLabel('Base price').fill('45.50');
  await press(page, 'Make it, as a draft');
  await heading(page, 'Quay Room');
  await press(page, 'Publish');
  await said(page, 'Published');
  // 5. When.
  await at('/provider/availability');
  await press(page, 'Set the opening hours');
  for (const day of ['Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']) await page.getByRole('dialog').getByLabel(day).check();
  await press(page, 'Save');
  await page.getByRole('button', { name: /^Sunday, 09:00–17:00/ }).waitFor();
  await page.getByText('Free').first().waitFor();
  // 6. A coupon.
  await at('/provider/coupons');
  await press(page, 'New coupon');
  await page.getByLabel('Code').fill('summer25');
  await page.getByLabel('What it gives').fill('A quarter off.');
  await page.getByLabel('Off', { exact: true }).fill('25');
  await press(page, 'Save');
  await page.getByText('SUMMER25').waitFor();
  // 8. A key, a webhook, the widget.
  await at('/provider/api-keys');
  await page.getByRole('button', { name: 'New key' }).first().click();
  await page.getByLabel('Name').fill('CRM');
  await press(page, 'Make it');
  const key = (await page.locator('.secret code').innerText()).trim();
  assert.equal((await server.ask('GET', '/v1/api/me', undefined, key)).answer.tenant.subdomain, 'harbour');
  await press(page, 'I have kept it');
  await at('/provider/webhooks');
  await page.getByRole('button', { name: 'New webhook' }).first().click();
  await page.getByLabel('Address').fill('https://hooks.example/in');
  await press(page, 'Make it');
  assert.match(await page.locator('.secret code').innerText(), /^whsec_/);
  await page.keyboard.press('Escape');
  await at('/provider/embed');
  await page.getByLabel('Opens').selectOption('quay-room');
  assert.match(await page.getByLabel('The line to paste').innerText(), /data-tenant="harbour" data-offering="quay-room"/);
  // 7. A customer books by the storefront's API, and the provider confirms.
  const date = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const { slots } = await server.call('GET', `/v1/public/harbour/offerings/quay-room/slots?from=${date(1)}&to=${date(9)}`, undefined, null);
  const offering = await server.call('GET', '/v1/public/harbour/offerings/quay-room', undefined, null);
  await server.call('POST', '/v1/public/harbour/bookings', {
    offeringId: offering.id, startsAt: slots[0].startsAt, endsAt: slots[0].endsAt, couponCode: 'SUMMER25', customer: { name: 'Mia Chen', email: 'mia@customers.example' },
  }, null);
  await at('/provider/bookings');
  await page.getByRole('link', { name: 'Quay Room' }).click();
  await heading(page, 'Quay Room');
  await page.getByText('€34.12').first().waitFor(); // 45.50 less a quarter, 11.38
  await press(page, 'Approve');
  await page.locator('.heading .state', { hasText: 'Confirmed' }).waitFor();
  // 9 and 10. What goes wrong, and how it does.
  await at('/provider/disputes');
  await page.getByText('No disputes').waitFor();
  await at('/provider/insights');
  await press(page, 'Work it out now'); // the worker may have done so before the booking was there
  await page.getByText('1 of 1 decided within 24 hours').waitFor();
  // 11. The team.
  await at('/provider/members');
  await press(page, 'Invite somebody');
  await page.getByLabel('E-mail').fill('sam@harbour.example');
  await press(page, 'Invite');
  await said(page, 'sam@harbour.example');
  const invitation = await linkTo('sam@harbour.example');
  const sam = await visitor(browser, { width: 1280 });
  await sam.page.goto(invitation);
  await sam.page.getByText('Harbour Rooms').waitFor();
  await sam.page.getByLabel('Your name').fill('Sam Lee');
  await sam.page.getByLabel('Choose a password').fill('another four words');
  await press(sam.page, 'Join');
  await heading(sam.page, 'Hello, Sam');
  await sam.close();
  await at('/provider');
  await heading(page, 'Hello, Ada');
  await page.getByText('11 of 11').waitFor({ state: 'detached' }); // a way that has been gone is shown no more
  assert.equal(await page.locator('.steps').count(), 0);
  await visit.close();
});

test('a catalogue comes in from a table, once what is wrong with it is mended', async () => {
  const visit = await visitor(browser, { width: 1280 });
  const { page } = visit;
  await signIn(server, page, server.ownerEmail);
  await page.goto(server.at('atlas', '/provider/import'));
  const [template] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download the template' }).click()]);
  assert.equal(template.suggestedFilename(), 'orkestr-template.csv');
  const choose = (price) =>
    page.getByLabel('Your table').setInputFiles({
      name: 'rooms.csv', mimeType: 'text/csv',
      buffer: Buffer.from(`title,productTypeKey,basePrice,currency,availability\r\nPier Room,space,20,EUR,\r\nDock Room,space,${price},EUR,Mon-Fri 09:00-17:00 60min\r\n`),
    });
  await choose('much');
  const fault = page.getByRole('row').filter({ hasText: 'much' });
  await fault.waitFor();
  assert.deepEqual((await fault.getByRole('cell').allInnerTexts()).slice(0, 3), ['3', 'basePrice', 'much']);
  await press(page, 'Choose another file');
  await choose('12.50');
  await said(page, '2 offerings, with 5 opening hours');
  await press(page, 'Import 2 offerings');
  await said(page, 'Written: 2 offerings');
  await page.getByRole('row').filter({ hasText: 'rooms.csv' }).filter({ hasText: 'Written' }).waitFor();
  await page.getByRole('link', { name: /^Look at the drafts/ }).click();
  await heading(page, 'Offerings');
  for (const name of ['Pier Room', 'Dock Room']) await page.getByRole('link', { name }).waitFor();
  await visit.close();
});

test('bookings are followed from a calendar program, until the address is taken away', async () => {
  const visit = await visitor(browser, { width: 1280 });
  const { page } = visit;
  await signIn(server, page, server.ownerEmail);
  await page.goto(server.at('atlas', '/provider/calendar'));
  const make = async (name) => {
    await press(page, name);
    if (name !== 'Make an address') await page.getByRole('dialog').getByRole('button', { name: 'Make a new one' }).click();
    const shown = page.getByRole('dialog', { name: 'Your calendar’s address' });
    await shown.waitFor(); // before it is open, Escape meets nothing
    const url = new URL((await shown.locator('code').innerText()).trim());
    await page.keyboard.press('Escape');
    await shown.waitFor({ state: 'detached' });
    return `http://localhost:${server.port}${url.pathname}`;
  };
  const first = await make('Make an address');
  const feed = await (await fetch(first)).text();
  assert.match(feed, /^BEGIN:VCALENDAR\r\n/);
  assert.match(feed, /Mia Chen/);
  const second = await make('Make a new one');
  assert.equal((await fetch(first)).status, 404);
  assert.equal((await fetch(second)).status, 200);
  await press(page, 'Take it away');
  await page.getByRole('dialog').getByRole('button', { name: 'Take it away' }).click();
  await page.getByRole('button', { name: 'Make an address' }).waitFor();
  assert.equal((await fetch(second)).status, 404);
  await visit.close();
});

test('a language is added, a text is put right by hand, and stays so', async () => {
  const visit = await visitor(browser, { width: 1280 });
  const { page } = visit;
  await signIn(server, page, server.ownerEmail);
  await page.goto(server.at('atlas', '/provider/languages'));
  await press(page, 'Add a language');
  const adding = page.getByRole('dialog', { name: 'Add a language' });
  await adding.getByLabel('Language').selectOption({ label: 'Swedish' }); // into which nobody here translates
  await adding.getByRole('button', { name: 'Add it' }).click();
  await adding.waitFor({ state: 'detached' });
  await page.getByRole('row').filter({ hasText: 'Swedish' }).first().waitFor();
  await page.goto(server.at('atlas', `/provider/languages/${server.business.room.id}/sv`));
  await heading(page, 'Harbour Room');
  const title = page.getByLabel('Swedish').first();
  await title.fill('Hamnrummet');
  await press(page, 'Save');
  await said(page, 'Saved');
  await page.getByText('By you', { exact: true }).first().waitFor();
  const asked = async () => (await server.ask('GET', `/v1/public/atlas/offerings/${server.business.room.slug}?locale=sv-SE`, undefined, null)).answer;
  assert.deepEqual((await asked()).translation, { locale: 'sv', machine: false, title: 'Hamnrummet' });
  assert.equal((await asked()).title, 'Harbour Room');
  await press(page, 'Give it back to the machine');
  await said(page, 'A machine translates it again.');
  await page.waitForFunction(() => !document.body.innerText.includes('By you'));
  assert.equal((await asked()).translation, null);
  await page.goto(server.at('atlas', '/provider/languages'));
  await page.getByRole('button', { name: 'Take away Swedish' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take it away' }).click();
  await page.getByRole('button', { name: 'Take away Swedish' }).waitFor({ state: 'detached' });
  await visit.close();
});

test('each role sees its own slice, and is refused the rest', async () => {
  const client = await server.call('POST', '/v1/provider/invitations', { email: 'client@atlas.example', role: 'CLIENT' });
  assert.equal(client.url, null);
  const token = new URL(await linkTo('client@atlas.example')).searchParams.get('token');
  await server.call('POST', '/v1/auth/invitations/accept', { token, name: 'Cleo Park', password: server.password }, null);
  const slices = {
    owner: { nav: 'Team', sees: ['/provider/offerings', 'New offering'], may: true },
    admin: { nav: 'Team', sees: ['/provider/members', 'Invite somebody'], may: true },
    staff: { nav: 'Team', sees: ['/provider/offerings', 'New offering'], may: false },
  };
  for (const [role, { nav, sees: [path, button], may }] of Object.entries(slices)) {
    const visit = await visitor(browser, { width: 1280 });
    const { page } = visit;
    await signIn(server, page, `${role}@atlas.example`);
    await page.getByRole('navigation', { name: 'Portal' }).getByRole('link', { name: nav }).waitFor();
    await page.goto(server.at('atlas', path));
    await page.getByRole('table').waitFor();
    assert.equal(await page.getByRole('button', { name: button }).count() > 0, may, role);
    // An ADMIN does nothing to an owner.
    await page.goto(server.at('atlas', '/provider/members'));
    await page.getByRole('table').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Actions for Olivia Stone' }).count() > 0, role === 'owner', role);
    await visit.close();
  }
  const visit = await visitor(browser, { width: 1280 });
  await signIn(server, visit.page, 'client@atlas.example');
  await visit.page.getByRole('link', { name: 'See your bookings' }).waitFor();
  assert.deepEqual(await visit.page.getByRole('navigation', { name: 'Portal' }).getByRole('link').allInnerTexts(), ['Calendar']);
  await visit.page.goto(server.at('atlas', '/provider/bookings'));
  await visit.page.getByText('This is not for your role').waitFor();
  await visit.close();
});

test('a session that is ended elsewhere leads to the door, and back', async () => {
  const visit = await visitor(browser, { width: 1280 });
  const { page } = visit;
  await signIn(server, page, 'admin@atlas.example');
  await page.goto(server.at('atlas', '/provider/coupons'));
  await heading(page, 'Coupons');
  await page.waitForLoadState('networkidle'); // so that the click is what finds out
  await visit.context.clearCookies();
  await page.getByRole('navigation', { name: 'Portal' }).getByRole('link', { name: 'Offerings' }).click();
  await heading(page, 'Sign in');
  await page.getByLabel('E-mail').fill('admin@atlas.example');
  await page.getByLabel('Password').fill(server.password);
  await press(page, 'Sign in');
  await heading(page, 'Offerings');
  visit.faults.splice(0, visit.faults.length, ...visit.faults.filter((fault) => !/401 \(Unauthorized\)/.test(fault)));
  await visit.close();
});

test('by the keyboard alone: in, an offering, its hours, a booking', async () => {
  const visit = await visitor(browser, { width: 1280 });
  const { page } = visit;
  const { keyboard } = page;
  const focused = () => page.evaluate(() => {
    const { activeElement: here } = document;
    return here?.labels?.[0]?.innerText ?? here?.getAttribute('aria-label') ?? here?.innerText ?? '';
  });
  const tabTo = async (name, most = 80) => {
    for (let i = 0; i < most; ++i) {
      if ((await focused()).trim().startsWith(name)) return;
      await keyboard.press('Tab');
    }
    throw new Error(`Tab does not reach ${name}`);
  };
  const into = async (name, text) => {
    await tabTo(name);
    await keyboard.press('Control+a');
    await keyboard.type(text);
  };
  const to = async (words, title) => { // by the palette
    await keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Page or action' }).waitFor();
    await keyboard.type(words);
    await keyboard.press('Enter');
    await heading(page, title);
    await settled(page);
  };
  await page.goto(server.at('atlas', '/provider/sign-in'));
  await page.getByLabel('E-mail').waitFor();
  await into('E-mail', server.ownerEmail);
  await into('Password', server.password);
  await keyboard.press('Enter');
  await heading(page, /^Hello/);
  await to('new offering', 'New offering');
  await into('Title', 'Keyboard Room');
  await into('Base price', '20');
  await keyboard.press('Enter');
  await heading(page, 'Keyboard Room');
  await tabTo('Publish');
  await keyboard.press('Enter');
  await said(page, 'Published');
  await to('availability', 'Availability');
  await tabTo('Offering');
  await keyboard.type('Keyb');
  await page.getByText('Closed').first().waitFor();
  await tabTo('Set the opening hours');
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo('Save');
  await keyboard.press('Enter');
  await page.getByRole('button', { name: /^Monday, 09:00–17:00/ }).waitFor();
  await to('bookings', 'Bookings');
  await tabTo('Status');
  await Promise.all([page.waitForResponse(/\/v1\/provider\/bookings\?.*status=PENDING/), keyboard.type('Pend')]);
  await page.waitForURL(/status=PENDING/);
  await settled(page);
  await tabTo('Actions for Mia Chen'); // the newest is held for its risk
  await keyboard.press('Enter');
  await tabTo('Approve', 3);
  await keyboard.press('Enter');
  await said(page, 'Approved');
  await visit.close();
});

test('a booking is dragged to a time that is free, or is left where it is', async () => {
  const { room } = server.business;
  const slot = await freeSlot(server, 'atlas', room.slug, 60); // in another week than the demo's
  await book(server, 'atlas', room, slot, { customer: { name: 'Dora Drag', email: 'dora@customers.example' } });
  const visit = await visitor(browser, { width: 1280, height: 1600 });
  const { page } = visit;
  await signIn(server, page, 'staff@atlas.example');
  await page.goto(server.at('atlas', '/provider/bookings'));
  await page.getByRole('tab', { name: 'Week' }).click();
  await settled(page);
  const block = page.locator('.block', { hasText: 'Dora Drag' });
  for (let weeks = 0; await block.count() === 0; ++weeks) {
    assert.ok(weeks < 4);
    await Promise.all([page.waitForResponse(/\/v1\/provider\/bookings\?/), page.getByRole('button', { name: 'The next week' }).click()]);
    await settled(page);
  }
  const drag = async (x, y) => {
    const box = await block.boundingBox();
    await page.mouse.move(box.x + 20, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 20 + x / 2, box.y + 10 + y / 2, { steps: 3 });
    await page.locator('.target').first().waitFor(); // what is free is shown
    await page.mouse.move(box.x + 20 + x, box.y + 10 + y, { steps: 3 });
  };
  const was = await block.innerText();
  const hour = 52;
  await drag(0, hour);
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await page.locator('.target').first().waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('dialog').count(), 0);
  assert.equal(new URL(page.url()).pathname, '/provider/bookings'); // nor is its link followed
  await drag(0, hour);
  await page.mouse.up();
  await page.getByRole('dialog', { name: 'Move this booking?' }).waitFor();
  await press(page, 'Leave it');
  assert.equal(await block.innerText(), was);
  await drag(0, hour);
  await page.mouse.up();
  await press(page, 'Move it');
  await said(page, 'Moved');
  await comesTo('the other time', async () => (await block.innerText()) !== was);
  const { data } = await server.call('GET', `/v1/provider/bookings?offeringId=${room.id}&limit=200`);
  const moved = data.find(({ customer }) => customer.name === 'Dora Drag').items[0];
  assert.equal(Date.parse(moved.startsAt), Date.parse(slot.startsAt) + 3_600_000);
  assert.equal(Date.parse(moved.endsAt), Date.parse(slot.endsAt) + 3_600_000);
  await visit.close();
});

test('hours are drawn on a day, and tables are put in order', async () => {
  const { id } = await server.call('POST', '/v1/api/offerings', { title: 'Drawn Room', productTypeKey: 'space', basePriceCents: 1000, currency: 'USD' });
  const visit = await visitor(browser, { width: 1280 });
  const { page } = visit;
  await signIn(server, page, 'admin@atlas.example');
  await page.goto(server.at('atlas', `/provider/availability?offering=${id}`));
  const lane = page.locator('.grid-week li', { hasText: 'Wednesday' }).locator('.lane');
  await lane.waitFor();
  const { x, y, width } = await lane.boundingBox();
  const draw = async (from, to) => {
    await page.mouse.move(x + (width * from) / 24, y + 10);
    await page.mouse.down();
    await page.mouse.move(x + (width * to) / 24, y + 10, { steps: 4 });
    await page.locator('.drawn').waitFor();
  };
  await draw(6, 9);
  await page.keyboard.press('Escape');
  await page.mouse.up();
  assert.equal(await page.getByRole('dialog').count(), 0);
  await draw(14, 9.5); // either way
  assert.equal(await page.locator('.drawn').innerText(), '09:30–14:00');
  await page.mouse.up();
  await page.getByRole('dialog', { name: 'Opening hours' }).waitFor();
  assert.equal(await page.getByLabel('From', { exact: true }).inputValue(), '09:30');
  await press(page, 'Save');
  await page.getByRole('button', { name: /^Wednesday, 09:30–14:00, 60 minutes each/ }).waitFor();

  await page.goto(server.at('atlas', '/provider/offerings'));
  const titles = () => page.locator('td.main').allInnerTexts();
  await page.getByRole('table').waitFor();
  const before = await titles(), sorted = [...before].sort((a, b) => a.localeCompare(b, 'en'));
  await press(page, 'Title');
  assert.deepEqual(await titles(), sorted);
  assert.equal(await page.locator('th[aria-sort]').getAttribute('aria-sort'), 'ascending');
  await page.getByRole('columnheader', { name: 'Title' }).getByRole('button').click();
  assert.deepEqual(await titles(), sorted.toReversed());
  await page.getByRole('columnheader', { name: 'Title' }).getByRole('button').click();
  assert.deepEqual(await titles(), before);
  await visit.close();
});

test('several bookings are declined at once, by name and after a question', async () => {
  const { room } = server.business;
  for (const n of [70, 71]) await book(server, 'atlas', room, await freeSlot(server, 'atlas', room.slug, n), { customer: { name: `Bulk ${n}`, email: `bulk${n}@customers.example` } });
  const visit = await visitor(browser, { width: 1280 });
  const { page } = visit;
  await signIn(server, page, 'staff@atlas.example');
  await page.goto(server.at('atlas', '/provider/bookings?status=PENDING'));
  const row = (name) => page.getByRole('row', { name });
  await row(/Bulk 70/).getByRole('checkbox').check();
  await row(/Bulk 71/).getByRole('checkbox').check();
  await press(page, 'Decline …');
  const dialog = page.getByRole('dialog', { name: 'Decline these 2 bookings?' });
  assert.match(await dialog.innerText(), /Bulk 7[01], Bulk 7[01]/);
  await dialog.getByRole('button', { name: 'Leave it' }).click();
  await page.getByText('2 chosen').waitFor(); // a change of mind keeps them
  await press(page, 'Decline …');
  await dialog.getByRole('button', { name: 'Decline' }).click();
  await said(page, '2 declined.');
  await row(/Bulk 70/).waitFor({ state: 'detached' });
  await visit.close();
});

test('what is no amount is not sent, what is not saved is not lost, and what is held is not approved in passing', async () => {
  const { room } = server.business;
  const stored = async () => (await server.as('atlas')('GET', `/v1/api/offerings/${room.id}`)).basePriceCents;
  const visit = await visitor(browser, { width: 1280 });
  const { page } = visit;
  await signIn(server, page, server.ownerEmail);
  await page.goto(server.at('atlas', `/provider/offerings/${room.id}`));
  await heading(page, 'Harbour Room');
  const before = await stored();
  const price = page.getByLabel('Base price');
  await price.fill('1,200.00');
  await press(page, 'Save');
  assert.equal(await price.evaluate((input) => input.validity.customError), true);
  assert.equal(await stored(), before);
  await price.fill('99.50');
  await page.getByRole('button', { name: 'More actions' }).click();
  await press(page, 'Archive');
  await page.getByText('Save what you have changed first.').waitFor();
  await page.getByRole('tab', { name: 'Pricing rules' }).click();
  await page.getByText('Weekend').first().waitFor();
  await page.getByRole('tab', { name: 'Details' }).click();
  assert.equal(await price.inputValue(), '99.50');
  await page.getByLabel('Currency').selectOption('KWD'); // which has three decimals
  assert.equal(await price.inputValue(), '99.500');
  await page.getByLabel('Currency').selectOption('EUR');
  await press(page, 'Save');
  await said(page, 'Saved');
  assert.equal(await stored(), 9950);

  await page.goto(server.at('atlas', '/provider/bookings?riskReviewStatus=PENDING'));
  const held = page.getByRole('row').filter({ hasText: 'Noah Stern' });
  await held.getByRole('button', { name: 'Actions for Noah Stern' }).click();
  await page.getByRole('button', { name: 'Decline', exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
  await visit.close();
});
