// The customer's journey with JavaScript: by mouse, and by nothing but the keyboard, at both widths, with axe on every state.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { inspector, startBrowser, visitor, widths } from './support/browser.mjs';
import { Keyboard, Mouse } from './support/hands.mjs';
import { book, freeSlot, makeRoom } from './support/shop.mjs';
import { comesTo } from './support/server.mjs';
import { startShops } from './support/walk.mjs';

let server, browser;
const begun = [];
before(async () => {
  [server, browser] = await Promise.all([startShops(), startBrowser()]);
  // Only what has begun can be reviewed: a minute from now it has.
  const api = server.as('atlas');
  const offering = await makeRoom(api, { title: 'Minute Room', minNoticeMinutes: 0 }, { hours: ['00:00', '24:00'], slotMinutes: 1, capacity: 9 });
  const startsAt = new Date(Math.floor(Date.now() / 60_000 + 1.1) * 60_000), endsAt = new Date(+startsAt + 60_000);
  for (const _ of [...widths, ...widths]) {
    const { booking, manageToken } = await book(server, 'atlas', offering, { startsAt, endsAt }, { customer: { name: 'Ada Lovelace', email: `late${begun.length}@example.com` } });
    await api('POST', `/v1/api/bookings/${booking.id}/approve`);
    begun.push({ offering, path: `/bookings/${booking.id}`, manageToken });
  }
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const { inspect, tell } = inspector();

const plain = (words) => words.replace(/\s+/g, ' ');
const main = async (page) => plain(await page.locator('main').innerText());
const comesToShow = (page, what) => page.getByText(what).first().waitFor();

/** Whatever is done within leads to no new page. */
async function withoutReload(page, act) {
  await page.evaluate(() => { window.same = true; });
  await act();
  assert.equal(await page.evaluate(() => window.same), true, 'the page was loaded anew');
}

async function chooseTime(page, hand, at, state) {
  const grid = page.getByRole('grid');
  await page.locator('.picker[data-live]').waitFor();
  const month = () => page.locator('.turn strong').innerText();
  const first = await month();
  if (hand.name === 'keyboard') {
    await hand.go(grid.locator('[tabindex="0"]'));
    const focused = () => page.evaluate(() => document.activeElement.closest('td')?.getAttribute('aria-label'));
    const before = await focused();
    await page.keyboard.press('ArrowDown');
    assert.notEqual(await focused(), before);
    await page.keyboard.press('ArrowUp');
    assert.equal(await focused(), before);
    await hand.assertFocusSeen();
    await page.keyboard.press('PageDown');
    await comesTo('the next month', async () => await month() !== first);
    await comesTo('its times', async () => await grid.getAttribute('aria-busy') === 'false' && /free/.test(await focused()));
    await page.keyboard.press('Home');
    await page.keyboard.press('End');
    await hand.assertFocusSeen();
    const day = await focused();
    await page.keyboard.press('Enter');
    assert.equal(await grid.locator('[aria-selected=true]').getAttribute('aria-label'), day);
  } else {
    await page.getByRole('button', { name: 'The next month' }).click();
    await comesTo('the next month', async () => await month() !== first);
    await grid.locator('td[aria-selected]').nth(2).click();
    assert.match(await grid.locator('[aria-selected=true]').getAttribute('aria-label'), /\d times free$/);
  }
  await at(state, page);

  // In another zone both are named, and what is chosen there is the same instant here.
  const zone = page.getByLabel('Time zone');
  await hand.go(zone);
  await withoutReload(page, async () => {
    await zone.hover(); // a mouse passes over it, and the options are there
    await hand.choose(zone, 'Asia/Tokyo');
    await page.locator('.slot .there').first().waitFor();
  });
  await at(`${state}-other-zone`, page);
  const slot = page.locator('.slot').nth(1);
  const words = plain(await slot.locator('.there').innerText()).match(/(\d+:\d+ [AP]M) in Berlin$/);
  assert.ok(words, await slot.innerText());
  assert.notEqual(plain(await slot.locator('time').innerText()), words[1]);
  await hand.press(slot);
  return words[1];
}

for (const width of widths)
  for (const Hand of [Mouse, Keyboard])
    test(`the journey by ${Hand.name.toLowerCase()} at ${width} px`, async (t) => {
      const visit = await visitor(browser, { width, timezoneId: 'Europe/Berlin' });
      const { page } = visit, hand = new Hand(page), look = inspect(width);
      const at = (state) => look(state, page);
      const button = (name) => page.getByRole('button', { name, exact: true });
      const link = (name) => page.getByRole('link', { name, exact: true });

      await page.goto(server.at('atlas'));
      if (hand.name === 'keyboard') {
        await page.keyboard.press('Tab');
        assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
        await hand.assertFocusSeen();
        await page.keyboard.press('Enter');
        assert.equal(new URL(page.url()).hash, '#main');
      }
      await hand.write(page.getByRole('searchbox', { name: 'Search' }), 'test room');
      await hand.press(button('Search'));
      await comesTo('what was sought', async () => /[?&]q=/.test(page.url()) && (await page.locator('h2').allInnerTexts()).join() === 'Test Room');
      await at('live-home-found');
      await hand.press(link('Test Room'));
      await page.locator('.picker[data-live]').waitFor();
      await at('live-offering');

      // Photos.
      const shot = page.locator('a.shot').first();
      await hand.press(shot);
      const viewer = page.getByRole('dialog');
      await viewer.waitFor();
      assert.ok(await page.evaluate(() => document.querySelector('dialog[open]').contains(document.activeElement)), 'the focus is not in the dialog');
      await at('live-gallery');
      if (hand.name === 'keyboard') await page.keyboard.press('ArrowRight');
      else await viewer.getByRole('button', { name: 'The next photo' }).click();
      await comesTo('the second photo', async () => /2 \/ 3/.test(await viewer.innerText()));
      if (hand.name === 'keyboard') {
        // The tab key stays within.
        for (let i = 0; i < 5; ++i) {
          await page.keyboard.press('Tab');
          assert.ok(await page.evaluate(() => document.activeElement === document.body || document.querySelector('dialog[open]').contains(document.activeElement)));
        }
        await page.keyboard.press('Escape');
      } else {
        await viewer.getByRole('button', { name: 'Close the photos' }).click();
      }
      await viewer.waitFor({ state: 'hidden' });
      assert.ok(await page.evaluate(() => document.activeElement.matches('a.shot')), 'the focus does not come back to the photos');

      const chosen = await chooseTime(page, hand, look, 'live-times');
      await page.getByRole('heading', { name: 'Checkout' }).waitFor();
      assert.ok((await main(page)).includes(chosen));
      const timer = page.getByRole('timer');
      const left = await timer.innerText();
      assert.match(left, /^(10:00|9:\d\d)$/);
      await comesTo('the countdown', async () => await timer.innerText() !== left);
      await at('live-checkout');

      // Coupons, and what is wrong, without a new page.
      await withoutReload(page, async () => {
        await hand.write(page.getByLabel('Coupon'), 'NOSUCH');
        await hand.press(button('Apply'));
        await page.locator('#coupon-wrong').waitFor();
        await at('live-checkout-coupon-wrong');
        await hand.write(page.getByLabel('Coupon'), 'tenoff');
        await hand.press(button('Apply'));
        await comesToShow(page, '-€5');
        assert.match(await main(page), /Total €45/);
        assert.match(await main(page), /Ten per cent off, as thanks\./);
        assert.equal(await page.locator('#coupon-wrong').count(), 0);
        await hand.press(button('Book and pay €45'));
        await page.locator('#name-wrong').waitFor();
        assert.equal(await page.evaluate(() => document.activeElement.id), 'name');
        await hand.write(page.getByLabel('Name'), 'Ada <Lovelace>');
        await hand.write(page.getByLabel('E-mail'), 'ada@nowhere');
        await hand.press(button('Book and pay €45'));
        await page.locator('#email-wrong').waitFor();
        assert.equal(await page.locator('#name-wrong').count(), 0);
        assert.equal(await page.evaluate(() => document.activeElement.id), 'email');
        await at('live-checkout-mistake');
        await hand.write(page.getByLabel('E-mail'), `ada.${hand.name}.${width}@example.com`);
        await page.locator('#email-wrong').waitFor({ state: 'detached' });
      });
      await hand.press(button('Book and pay €45'));
      await page.getByRole('heading', { name: 'Pay €45' }).waitFor();
      await at('live-pay');
      const pay = async (card) => {
        await hand.write(page.getByLabel('Card number'), card);
        await hand.press(button('Pay €45'));
      };
      await pay('4000 0000 0000 0002');
      await comesToShow(page, 'You can try another card.');
      await pay('4000 0027 6000 3184');
      await comesToShow(page, 'Your bank wants to know that it is you.');
      await at('live-pay-3d-secure');
      await hand.press(button('It is me'));
      await page.waitForURL(/\/bookings\/bkg_[^/]+$/);
      const receipt = page.url();
      await comesTo('the confirmation', async () => {
        if (/See you soon, Ada <Lovelace>/.test(await main(page).catch(() => ''))) return true;
        await page.goto(receipt).catch(() => {});
        return false;
      });
      await at('live-receipt');

      // Another time.
      await hand.press(link('Move to another time'));
      await page.getByRole('heading', { name: 'Move your booking' }).waitFor();
      const moved = await chooseTime(page, hand, look, 'live-move');
      await page.getByRole('heading', { name: 'Move your booking?' }).waitFor();
      await at('live-move-confirm');
      await hand.press(button('Move it'));
      await page.waitForURL(receipt);
      assert.ok((await main(page)).includes(moved), `${moved} is not on the receipt`);

      // What it was like, where it has begun.
      const { offering, path, manageToken } = begun.pop();
      await page.goto(server.at('atlas', `${path}?token=${manageToken}`));
      await comesTo('its beginning', async () => await link('Write a review').count() || (await page.waitForTimeout(1000), await page.reload(), false), 90);
      await at('live-receipt-begun');
      await hand.press(link('Write a review'));
      await page.getByRole('heading', { name: 'How was it?' }).waitFor();
      await at('live-review');
      await hand.check(page.locator('input[name=rating][value="4"]'));
      await hand.write(page.getByLabel(/^In a few words/), 'Bright and calm');
      await hand.write(page.getByLabel(/^What should others know/), 'We stayed longer than we thought.');
      await hand.press(button('Publish'));
      await page.waitForURL((url) => !url.pathname.endsWith('/review'));
      const shown = await server.call('GET', `/v1/public/atlas/offerings/${offering.slug}/reviews`, undefined, null);
      assert.equal(shown.data[0].rating, 4);
      assert.equal(shown.data[0].title, 'Bright and calm');

      // What went wrong.
      await page.goto(receipt);
      await hand.press(link('Something went wrong?'));
      await page.getByRole('heading', { name: 'Something went wrong?' }).waitFor();
      await at('live-dispute-new');
      await hand.choose(page.getByLabel('What is it about?'), 'NOT_AS_DESCRIBED');
      await hand.write(page.getByLabel('What happened?'), 'There was no table.');
      await hand.press(button('Send'));
      await comesToShow(page, 'There was no table.');
      await at('live-dispute');
      await hand.write(page.getByLabel('Answer'), 'Nor a chair.');
      await hand.press(button('Send'));
      await comesToShow(page, 'Nor a chair.');
      await hand.press(button('Withdraw'));
      await comesToShow(page, 'Withdrawn');
      await at('live-dispute-withdrawn');

      // Everything that was booked here, and the money back.
      await hand.press(link('Your bookings'));
      await page.getByRole('heading', { name: 'Your bookings' }).waitFor();
      await at('live-bookings');
      await hand.press(link('Test Room').first());
      await page.waitForURL(receipt);
      await hand.press(link('Cancel this booking'));
      await comesToShow(page, 'Do you want to cancel?');
      await hand.press(button('Cancel this booking'));
      await page.locator('.state', { hasText: /Cancelled|Refunded/ }).waitFor();
      await comesTo('the refund', async () => (await page.reload()) && /Given back €45/.test(await main(page)));
      await at('live-receipt-refunded');
      if (hand.steps) t.diagnostic(`${hand.steps} times the tab key`);
      await visit.close();
    });

for (const Hand of [Mouse, Keyboard])
  test(`bookings found again by a link in a mail, by ${Hand.name.toLowerCase()}`, async () => {
    const email = `${Hand.name.toLowerCase()}@mail.example`;
    const { booking } = await book(server, 'atlas', server.shop.room, await freeSlot(server, 'atlas', server.shop.room.slug, 30),
      { customer: { name: 'Ada Lovelace', email } });
    const width = Hand === Mouse ? 375 : 1280;
    const visit = await visitor(browser, { width });
    const { page } = visit, hand = new Hand(page), look = inspect(width);
    const button = (name) => page.getByRole('button', { name, exact: true });
    await page.goto(server.at('atlas', '/bookings'));
    await comesToShow(page, 'Nothing was booked in this browser.');
    await look('live-bookings-none', page);
    await hand.write(page.getByLabel('Your e-mail address'), 'ada@nowhere');
    await hand.press(button('Send me a link'));
    await page.locator('#email-wrong').waitFor();
    await look('live-bookings-mistake', page);
    await hand.write(page.getByLabel('Your e-mail address'), email);
    await hand.press(button('Send me a link'));
    await comesToShow(page, 'a link is on its way');
    await look('live-bookings-sent', page);
    const link = await comesTo('the mail', async () => {
      const mails = await server.call('GET', '/dev/mail', undefined, null);
      return mails.filter(({ to }) => to === email).map(({ text }) => text.match(/\S+\?link=\S+/)?.[0]).find(Boolean);
    });
    // Whatever looks at a mail before people do uses nothing up.
    assert.equal((await page.goto(link)).status(), 200);
    await page.goto(link);
    await look('live-bookings-welcome', page);
    await hand.press(button('Show my bookings'));
    const title = page.getByRole('link', { name: 'Test Room', exact: true });
    await title.first().waitFor();
    assert.equal(new URL(page.url()).search, '');
    await look('live-bookings-found', page);
    await hand.press(button('Make an address'));
    await comesToShow(page, 'It is shown only now');
    await look('live-bookings-calendar', page);
    await hand.press(title.first());
    await page.waitForURL(new RegExp(`/bookings/${booking.id}$`));
    await comesToShow(page, 'Ada Lovelace');
    // It works once, and who signs out sees nothing any more.
    await hand.press(page.getByRole('link', { name: 'Your bookings', exact: true }));
    await hand.press(button('Sign out'));
    await comesToShow(page, 'Nothing was booked in this browser.');
    assert.equal((await page.goto(server.at('atlas', `/bookings/${booking.id}`))).status(), 404);
    await page.goto(link);
    await hand.press(button('Show my bookings'));
    await comesToShow(page, 'This link has been used');
    await look('live-bookings-used', page);
    await visit.close();
  });

test('axe finds nothing, and nothing is wider than the screen', (t) => {
  tell(t);
});
