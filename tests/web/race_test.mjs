// Two browsers race for the last of a time, again and again: one gets it, the other is told so and finds another time.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { startBrowser, visitor } from './support/browser.mjs';
import { makeRoom, trustVisitors } from './support/shop.mjs';
import { startServer } from './support/server.mjs';

const rounds = 12;
let server, browser, rivals;
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  await trustVisitors(server.as('atlas'));
  rivals = await Promise.all([visitor(browser, { js: false }), visitor(browser, { js: false, width: 375 })]);
});
after(async () => {
  for (const rival of rivals ?? []) await rival.close();
  await browser?.close();
  await server?.stop();
});

/** What became of a click on a time: "got" or "gone". */
async function outcome(page) {
  const heading = await page.getByRole('heading', { level: 1 }).innerText();
  return heading === 'Checkout' ? 'got' : heading === 'That time has just gone' ? 'gone' : heading;
}

test(`two race for the same time, ${rounds} times`, async (t) => {
  const room = await makeRoom(server.as('atlas'), { title: 'Rare Room' });
  const won = [0, 0];
  for (let round = 0; round < rounds; ++round) {
    await Promise.all(rivals.map(({ page }) => page.goto(server.at('atlas', `/o/${room.slug}`))));
    const starts = await Promise.all(rivals.map(({ page }) => page.locator('[name=start]').first().inputValue()));
    assert.equal(starts[0], starts[1]);
    await Promise.all(rivals.map(({ page }) => page.locator('.slot').first().click()));
    const outcomes = await Promise.all(rivals.map(({ page }) => outcome(page)));
    assert.deepEqual([...outcomes].sort(), ['gone', 'got']);
    ++won[outcomes.indexOf('got')];
    const loser = rivals[outcomes.indexOf('gone')].page, winner = rivals[outcomes.indexOf('got')].page;
    await loser.getByText('Somebody was quicker.').waitFor();
    // The time is gone from the page, and the next one can be had.
    assert.notEqual(await loser.locator('[name=start]').first().inputValue(), starts[0]);
    await loser.locator('.slot').first().click();
    assert.equal(await outcome(loser), 'got');
    // The winner books; the loser lets go, for nobody holds many times.
    await winner.getByLabel('Name').fill('Ada');
    await winner.getByLabel('E-mail').fill(`ada${round}@example.com`);
    await winner.getByRole('button', { name: /^Book/ }).click();
    await winner.getByRole('heading', { name: /^Pay/ }).waitFor();
    await loser.getByRole('button', { name: 'Choose another time' }).click();
  }
  const bookings = (await server.call('GET', `/v1/api/bookings?limit=200&offeringId=${room.id}`)).data;
  const taken = bookings.map(({ items: [item] }) => item.startsAt);
  assert.equal(new Set(taken).size, taken.length);
  assert.equal(taken.length, rounds);
  t.diagnostic(`${rounds} races: first browser ${won[0]}, second ${won[1]}, both or neither 0`);
});

test('who comes too late for the only time of all is told that nothing is left', async () => {
  const room = await makeRoom(server.as('atlas'), { title: 'Only Once' }, { hours: null });
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  await server.call('POST', `/v1/provider/offerings/${room.id}/availability/exceptions`,
    { kind: 'OPEN', startsAt: `${day}T10:00`, endsAt: `${day}T11:00`, slotMinutes: 60, capacity: 1 });
  await Promise.all(rivals.map(({ page }) => page.goto(server.at('atlas', `/o/${room.slug}?month=${day.slice(0, 7)}`))));
  for (const { page } of rivals) assert.equal(await page.locator('.slot').count(), 1);
  await Promise.all(rivals.map(({ page }) => page.locator('.slot').click()));
  const outcomes = await Promise.all(rivals.map(({ page }) => outcome(page)));
  assert.deepEqual([...outcomes].sort(), ['gone', 'got']);
  const loser = rivals[outcomes.indexOf('gone')].page;
  await loser.getByText('Nothing is free in').waitFor();
  // It is let go, and can be had by the other.
  await rivals[outcomes.indexOf('got')].page.getByRole('button', { name: 'Choose another time' }).click();
  await loser.goto(server.at('atlas', `/o/${room.slug}?month=${day.slice(0, 7)}`));
  await loser.locator('.slot').click();
  assert.equal(await outcome(loser), 'got');
});
