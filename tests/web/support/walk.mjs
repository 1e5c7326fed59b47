// The storefront, walked as a visitor without JavaScript walks it: links and forms, by mouse. Every state of every page is shown to `at`.
import assert from 'node:assert/strict';
import { book, freeSlot, makeRoom, trustVisitors } from './shop.mjs';
import { comesTo, startServer } from './server.mjs';

/** A server with an open shop, an empty one, and one that is closed. */
export async function startShops() {
  const server = await startServer({ tenants: { quiet: { name: 'Quiet Corner' }, shut: { name: 'Shut Shop', flags: ['--pending'] } } });
  const api = server.as('atlas');
  await trustVisitors(api);
  const cancellationPolicy = { kind: 'FLEXIBLE', graceMinutes: 60 };
  const photos = [1, 2, 3].map((n) => ({ url: `https://images.example.com/${n}.jpg`, alt: `Wall ${n}` }));
  server.shop = {
    room: await makeRoom(api, {
      title: 'Test Room', description: 'A quiet room with a long table.\nCoffee is free.', categories: ['testing'], cancellationPolicy,
      attributes: { city: 'Berlin', neighborhood: 'Mitte', amenities: ['wifi', 'coffee'], capacity: 4 }, photos,
    }),
    never: await makeRoom(api, { title: 'Never Open' }, { hours: null }),
    asked: await makeRoom(api, { title: 'Room On Request', autoApprove: false, cancellationPolicy }),
    last: await makeRoom(api, { title: 'Last Room' }),
  };
  await api('POST', '/v1/api/coupons', { code: 'TENOFF', description: 'Ten per cent off, as thanks.', kind: 'PERCENT', amount: 10 });
  return server;
}

const plain = (words) => words.replace(/\s+/g, ' ');
const text = async (page) => plain(await page.locator('main').innerText());
const shows = async (page, what) => assert.match(await text(page), what instanceof RegExp ? what : new RegExp(what.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

/** Types the test gateway's card. */
async function pay(page, card) {
  await page.getByLabel('Card number').fill(card);
  await page.getByRole('button', { name: /^Pay/ }).click();
}

/** Waits for what the bank says. The page looks again by itself; where it does not, as a visitor would. */
async function paid(page, words) {
  await comesTo(words, async () => {
    if (await page.getByText(words).count()) return true;
    if (await page.locator('meta[http-equiv=refresh]').count() === 0) await page.reload();
    return false;
  });
}

/** From the front page to the money back. */
export async function walkJourney(server, visit, at) {
  const { page } = visit;
  await page.goto(server.at('atlas'));
  await shows(page, 'Test Room');
  await at('home', page);
  await page.getByRole('searchbox', { name: 'Search' }).fill('test room');
  await page.getByLabel(/^From/).fill('1');
  await page.getByLabel(/^To/).fill('60');
  await press(page, 'Search');
  assert.deepEqual(await page.locator('h2').allInnerTexts(), ['Test Room']);
  await at('home-found', page);
  await page.getByRole('searchbox', { name: 'Search' }).fill('no such thing');
  await press(page, 'Search');
  await shows(page, 'Nothing fits');
  await at('home-none', page);
  await page.getByRole('link', { name: 'Show everything' }).click();
  await page.getByRole('link', { name: 'Yoga', exact: true }).click();
  await shows(page, 'Morning Vinyasa');
  assert.doesNotMatch(await text(page), /Test Room/);
  await at('home-category', page);

  await page.goto(server.at('atlas', '/?q=test+room'));
  await page.getByRole('link', { name: 'Test Room', exact: true }).click();
  await shows(page, '€50 an hour');
  await at('offering', page);
  const month = await page.locator('.turn strong').innerText();
  await page.getByRole('link', { name: 'The next month' }).click();
  assert.notEqual(await page.locator('.turn strong').innerText(), month);
  await page.getByRole('link', { name: 'The month before' }).click();
  assert.equal(await page.locator('.turn strong').innerText(), month);
  await page.getByRole('link', { name: 'The next month' }).click();
  const day = page.getByRole('link', { name: /free$/ }).nth(1);
  const label = await day.getAttribute('aria-label');
  await day.click();
  assert.equal(await page.locator('[aria-current=date]').getAttribute('aria-label'), label);
  await at('offering-day', page);

  const slot = page.locator('.slot').nth(2);
  const time = plain(await slot.locator('time').innerText());
  await slot.click();
  await shows(page, 'This time is kept for you until');
  await shows(page, time); // what was chosen is what is kept
  await shows(page, 'Total €50');
  await at('checkout', page);

  // A coupon that is none, then one that is. What was typed stays.
  await page.getByLabel('Name').fill('Ada <Lovelace>');
  await page.getByLabel('Coupon').fill('NOSUCH');
  await press(page, 'Apply');
  assert.equal(await page.getByLabel('Coupon').getAttribute('aria-invalid'), 'true');
  await shows(page, 'Total €50');
  await at('checkout-coupon-wrong', page);
  await page.getByLabel('Coupon').fill(' tenoff ');
  await press(page, 'Apply');
  await shows(page, '-€5');
  await shows(page, 'Total €45');
  assert.equal(await page.getByLabel('Name').inputValue(), 'Ada <Lovelace>');
  await at('checkout-coupon', page);

  // The browser refuses what it can; what it can't, the server says where it is.
  const checkout = page.url();
  await press(page, 'Book and pay €45');
  assert.equal(page.url(), checkout);
  assert.equal(await page.locator('#email:invalid').count(), 1);
  await page.getByLabel('E-mail').fill('ada@nowhere');
  await press(page, 'Book and pay €45');
  const mistake = page.getByLabel('E-mail');
  assert.equal(await mistake.getAttribute('aria-invalid'), 'true');
  assert.match(await page.locator('#' + await mistake.getAttribute('aria-describedby')).innerText(), /ada@example\.com/);
  await at('checkout-mistake', page);
  await mistake.fill('ada@example.com');
  await page.getByLabel(/^Anything/).fill('Near the door');
  await press(page, 'Book and pay €45');
  await shows(page, 'Pay €45');
  await at('pay', page);
  const receipt = page.url().replace(/\/pay$/, '');

  await pay(page, '4000 0000 0000 0002');
  await shows(page, 'You can try another card.');
  await at('pay-declined', page);
  await pay(page, '4000 0027 6000 3184');
  await shows(page, 'Your bank wants to know that it is you.');
  await at('pay-3d-secure', page);
  await press(page, 'It is not me');
  await shows(page, 'You can try another card.');
  await page.getByRole('link', { name: 'Pay later' }).click();
  await shows(page, /€45 is still to be paid, by .+, or the booking ends/);
  await at('receipt-unpaid', page);
  await page.getByRole('link', { name: 'Pay now' }).click();
  await pay(page, '4000 0027 6000 3184');
  await press(page, 'It is me');
  assert.equal(page.url(), receipt);
  await paid(page, 'See you soon, Ada <Lovelace>');
  await shows(page, 'Paid €45');
  await at('receipt-confirmed', page);

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Add to your calendar' }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), 'booking.ics');
  let calendar = '';
  for await (const part of await file.createReadStream()) calendar += part;
  assert.match(calendar, /^BEGIN:VCALENDAR\r\n[^]*SUMMARY:Test Room\r\n[^]*END:VCALENDAR\r\n$/);

  await page.getByRole('link', { name: 'Cancel this booking' }).click();
  await shows(page, '100 % of what you paid goes back.');
  await at('receipt-cancel-asked', page);
  await page.getByRole('link', { name: 'Keep it' }).click();
  await page.getByRole('link', { name: 'Cancel this booking' }).click();
  await press(page, 'Cancel this booking');
  await page.locator('.state', { hasText: /Cancelled|Refunded/ }).waitFor();
  await comesTo('the refund', async () => (await page.reload()) && /Refunded/.test(await text(page)));
  await shows(page, 'Given back €45');
  await at('receipt-refunded', page);
}

/** What a visitor meets beside the journey. */
export async function walkAside(server, visit, at) {
  const { page } = visit;
  const { room, never, asked, last } = server.shop;
  await page.goto(server.at('quiet'));
  await shows(page, 'There is nothing to book yet.');
  await at('home-empty-shop', page);
  await page.goto(server.at('atlas', '/o/riverside-co-working-floor'));
  await shows(page, 'What it has');
  await at('offering-of-the-demo', page);
  await page.goto(server.at('atlas', `/o/${never.slug}`));
  await shows(page, 'Nothing is free in');
  await at('offering-never-free', page);

  // The price changes while the form is filled in.
  await page.goto(server.at('atlas', `/o/${room.slug}`));
  await page.locator('.slot').first().click();
  const api = server.as('atlas');
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('E-mail').fill('ada@example.com');
  await api('PATCH', `/v1/api/offerings/${room.id}`, { basePriceCents: 6000 });
  await press(page, 'Book and pay €50');
  await shows(page, 'The price has changed meanwhile.');
  await shows(page, 'Total €60');
  await at('checkout-price-changed', page);
  await api('PATCH', `/v1/api/offerings/${room.id}`, { basePriceCents: 5000 });
  await press(page, 'Choose another time');
  await shows(page, '€50 an hour');

  // A payment that the bank thinks about, at a business that confirms by hand.
  await page.goto(server.at('atlas', `/o/${asked.slug}`));
  await page.locator('.slot').first().click();
  await shows(page, 'The business confirms each booking.');
  await at('checkout-on-request', page);
  await page.getByLabel('Name').fill('Grace');
  await page.getByLabel('E-mail').fill('grace@example.com');
  await press(page, 'Book and pay €50');
  await pay(page, '4242 4242 4242 4242');
  await paid(page, 'The business will confirm this booking');
  await at('receipt-pending', page);
  await page.getByRole('link', { name: 'Cancel this booking' }).click();
  await press(page, 'Cancel this booking');
  await page.locator('.state', { hasText: /Cancelled|Refunded/ }).waitFor();
  await at('receipt-cancelled', page);

  // Two want the same.
  await page.goto(server.at('atlas', `/o/${last.slug}`));
  await book(server, 'atlas', last, { startsAt: await page.locator('[name=start]').first().inputValue(), endsAt: await page.locator('[name=end]').first().inputValue() });
  await page.locator('.slot').first().click();
  await shows(page, 'That time has just gone');
  await at('gone', page);
  await page.goto(server.at('atlas', `/checkout?hold=hld_01kq5n2m1a2b3c4d5e6f7g8h9j&o=${last.slug}`));
  await shows(page, 'no longer kept');
  await at('hold-lapsed', page);

  await page.goto(server.at('atlas', '/nothing-here'));
  await shows(page, 'This page is not here');
  await at('not-found', page);
  await page.goto(server.at('atlas', `/bookings/${server.confirmedBookingId}`));
  await shows(page, 'This booking is not open here');
  await at('booking-not-open', page);
  await page.goto(server.at('shut'));
  await shows(page, 'closed');
  await at('shop-closed', page);
  await page.goto(server.at('nobody'));
  await shows(page, 'This page is not here');
  await at('shop-unknown', page);
  const { booking, manageToken } = await book(server, 'atlas', last, await freeSlot(server, 'atlas', last.slug, 9));
  await page.goto(server.at('atlas', `/bookings/${booking.id}?token=${manageToken}`));
  assert.equal(page.url(), server.at('atlas', `/bookings/${booking.id}`)); // the token leaves the address
  await at('receipt-by-link', page);
}

/** What is done with a booking once it is made: moving, reviewing, disputing, finding it again. */
export async function walkAfterwards(server, visit, at) {
  const { page } = visit;
  const { room } = server.shop;
  const { booking, manageToken } = await book(server, 'atlas', room, await freeSlot(server, 'atlas', room.slug, 40),
    { customer: { name: 'Ada Lovelace', email: `ada${Date.now()}@example.com` } });
  await server.as('atlas')('POST', `/v1/api/bookings/${booking.id}/approve`);
  const receipt = server.at('atlas', `/bookings/${booking.id}`);
  await page.goto(server.at('atlas', '/bookings'));
  await at('bookings-none', page);
  await page.goto(`${receipt}?token=${manageToken}`);

  await page.getByRole('link', { name: 'Move to another time' }).click();
  await shows(page, 'Move your booking');
  await page.getByRole('link', { name: 'The next month' }).click();
  await page.getByRole('link', { name: /free$/ }).nth(2).click();
  await at('move', page);
  const slot = page.locator('.slot').nth(5);
  const time = plain(await slot.locator('time').innerText());
  await slot.click();
  await shows(page, 'Move your booking?');
  await at('move-confirm', page);
  await press(page, 'Move it');
  assert.equal(page.url(), receipt);
  await shows(page, time);

  // It is reviewed after it has begun; the page is the same before.
  await page.goto(`${receipt}/review`);
  await at('review', page);
  await page.locator('input[name=rating][value="4"]').check({ force: true });
  await page.getByLabel(/^In a few words/).fill('Bright and calm');
  await page.getByLabel(/^What should others know/).fill('Bright and calm, and '.repeat(600).slice(0, 4000));
  await press(page, 'Publish');
  await page.waitForURL(receipt);
  await page.goto(`${receipt}/review`);
  await shows(page, 'Your review');
  assert.equal(await page.getByLabel(/^In a few words/).inputValue(), 'Bright and calm');
  await at('review-written', page);
  await press(page, 'Take it back');
  await page.waitForURL(receipt);

  await page.getByRole('link', { name: 'Something went wrong?' }).click();
  await page.getByLabel('What happened?').fill('There was no table.');
  await page.getByLabel(/^Links to photos/).fill('no link at all');
  await press(page, 'Send');
  await page.locator('#evidence-wrong').waitFor();
  assert.equal(await page.getByLabel('What happened?').inputValue(), 'There was no table.');
  await at('dispute-new-mistake', page);
  await page.getByLabel(/^Links to photos/).fill('https://images.example.com/no-table.jpg');
  await press(page, 'Send');
  await page.getByLabel('Answer').fill('Nor a chair.');
  await press(page, 'Send');
  await shows(page, 'Nor a chair.');
  await at('dispute', page);
  await press(page, 'Ask the platform to decide');
  await shows(page, 'The platform looks at it');
  await at('dispute-escalated', page);
  await page.goto(server.at('atlas', '/bookings'));
  await shows(page, 'Coming up');
  await at('bookings', page);
}
