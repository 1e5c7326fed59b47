// The portal and the console, walked as people walk them: every page and every dialog is shown to `at`.
import { book, freeSlot, makeRoom } from './shop.mjs';
import { startServer } from './server.mjs';

/** A demo in which something of every kind is there to be looked at. */
export async function startBusiness() {
  const server = await startServer({ flags: ['--sign-up-limit', '0'] });
  const api = server.as('atlas');
  const room = await makeRoom(api, { title: 'Harbour Room', autoApprove: false, description: 'By the water.' });
  const booked = await book(server, 'atlas', room, await freeSlot(server, 'atlas', room.slug), { customer: { name: 'Mia Chen', email: 'mia@customers.example' } });
  await api('POST', `/v1/provider/offerings/${room.id}/pricing-rules`, { name: 'Weekend', priority: 1, when: { daysOfWeek: [0, 6] }, adjust: { kind: 'PERCENT', value: 20 } });
  const day = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
  await api('POST', `/v1/provider/offerings/${room.id}/availability/exceptions`, { kind: 'BLOCK', startsAt: `${day}T00:00`, endsAt: `${day}T23:59`, note: 'Holiday' });
  const webhook = await api('POST', '/v1/provider/webhooks', { url: 'https://hooks.example/in', events: ['booking.*'], description: 'CRM' });
  await api('POST', `/v1/provider/webhooks/${webhook.id}/test`, {});
  await api('POST', `/v1/provider/bookings/${server.confirmedBookingId}/payments`, { amountCents: 100 });
  const dispute = await api('POST', `/v1/provider/bookings/${server.confirmedBookingId}/disputes`, { reason: 'The customer left the room in a mess.', category: 'DAMAGE', evidenceUrls: ['https://evidence.example/1.jpg'] });
  await api('POST', `/v1/provider/disputes/${dispute.id}/escalate`, {});
  await api('POST', '/v1/provider/invitations', { email: 'new@atlas.example', role: 'STAFF' });
  const trashed = await api('POST', '/v1/api/coupons', { code: 'OLDCODE', kind: 'PERCENT', amount: 5 });
  await api('DELETE', `/v1/api/coupons/${trashed.id}`);
  await api('POST', '/v1/api/coupons', { code: 'SPRING', kind: 'PERCENT', amount: 10 });
  const { risk } = await api('GET', '/v1/provider/settings');
  await api('PATCH', '/v1/provider/settings', { risk: { holdAt: 50, blockAt: 101, weights: [{ signal: 'first_time_customer', threshold: 1, points: 55 }] } });
  await book(server, 'atlas', room, await freeSlot(server, 'atlas', room.slug, 1), { customer: { name: 'Noah Stern', email: 'noah@customers.example' }, couponCode: 'SPRING' });
  await api('PATCH', '/v1/provider/settings', { risk });
  server.business = { room, webhook, dispute, booked };
  return server;
}

export const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
/** Until nothing is being asked for any more. */
export const settled = (page) => page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));

export async function signIn(server, page, email, password = server.password) {
  await page.goto(server.at('atlas', '/provider/sign-in'));
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('banner').waitFor();
}

/** Opens what a button opens, shows it, and closes it by Escape. */
async function dialog(page, at, state, open) {
  await open();
  await page.getByRole('dialog').waitFor();
  await settled(page);
  await at(state, page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}
const button = (page, name) => () => page.getByRole('main').getByRole('button', { name, exact: true }).first().click();
const item = (page, menu, name) => async () => {
  await page.getByRole('main').getByRole('button', { name: menu }).first().click();
  await page.getByRole('button', { name, exact: true }).click();
};

/** Whoever is not in yet. */
export async function walkDoors(server, visit, at) {
  const { page } = visit;
  for (const [path, title] of [['sign-in', 'Sign in'], ['sign-up', 'Open a business'], ['forgot', 'A new password'], ['reset?token=x', 'Choose a password'], ['verify?token=x', 'Confirm your address']]) {
    await page.goto(server.at('atlas', `/provider/${path}`));
    await heading(page, title);
    await at(`door-${path.split('?')[0]}`, page);
  }
}

/** Every page, by whoever is signed in. */
export async function walkPages(server, visit, at) {
  const { page } = visit;
  const { room, webhook, dispute } = server.business;
  const go = async (path, title, state) => {
    await page.goto(server.at('atlas', path));
    await heading(page, title);
    await settled(page);
    await at(state, page);
  };
  await go('/provider', /^Hello/, 'home');
  await go('/provider/bookings', 'Bookings', 'bookings');
  await page.getByRole('tab', { name: 'Week' }).click();
  await settled(page);
  await at('bookings-week', page);
  await go(`/provider/bookings/${server.pendingBookingId}`, /./, 'booking');
  await dialog(page, at, 'booking-move', item(page, 'More actions', 'Move …'));
  await dialog(page, at, 'booking-cancel', item(page, 'More actions', 'Cancel …'));
  await go(`/provider/bookings/${server.confirmedBookingId}`, /./, 'booking-confirmed');
  await go('/provider/offerings', 'Offerings', 'offerings');
  await page.getByRole('cell').getByRole('checkbox').first().check();
  await at('offerings-chosen', page);
  await go('/provider/offerings/new', 'New offering', 'offering-new');
  await go(`/provider/offerings/${room.id}`, 'Harbour Room', 'offering');
  await page.getByRole('tab', { name: 'Pricing rules' }).click();
  await settled(page);
  await at('pricing-rules', page);
  await dialog(page, at, 'pricing-rule', button(page, 'New rule'));
  await go(`/provider/availability?offering=${room.id}`, 'Availability', 'availability');
  await page.getByLabel('Why not at').fill('03:00');
  await page.getByText('Closed:').waitFor();
  await at('availability-why', page);
  await dialog(page, at, 'availability-hours', () => page.getByRole('button', { name: 'Add hours on Monday' }).click());
  await dialog(page, at, 'availability-day', () => page.locator('.day-of').nth(12).click());
  await go('/provider/coupons', 'Coupons', 'coupons');
  await dialog(page, at, 'coupon-redemptions', item(page, 'Actions for SPRING', 'Who used it'));
  await dialog(page, at, 'coupon', button(page, 'New coupon'));
  await page.getByRole('tab', { name: 'Trash' }).click();
  await settled(page);
  await at('coupons-trash', page);
  await go('/provider/reviews', 'Reviews', 'reviews');
  await go('/provider/disputes', 'Disputes', 'disputes');
  await go(`/provider/disputes/${dispute.id}`, /./, 'dispute');
  await go('/provider/insights', 'Insights', 'insights');
  await page.getByRole('img', { name: /^Revenue/ }).waitFor();
  await page.getByText('As a table').first().click();
  await at('insights-table', page);
  await go('/provider/import', 'Import', 'import');
  await page.getByLabel('Your table').setInputFiles({ name: 'broken.csv', mimeType: 'text/csv', buffer: Buffer.from('no,such\ncolumn,here\n') });
  await page.getByRole('button', { name: 'Choose another file' }).waitFor();
  await at('import-faults', page);
  await go('/provider/calendar', 'Calendar', 'calendar');
  await dialog(page, at, 'calendar-made', button(page, 'Make an address'));
  await at('calendar-in-use', page);
  await button(page, 'Take it away')(); // for the next walk
  await page.getByRole('dialog').getByRole('button', { name: 'Take it away' }).click();
  await page.getByRole('button', { name: 'Make an address' }).waitFor();
  await go('/provider/languages', 'Languages', 'languages');
  await dialog(page, at, 'language-new', button(page, 'Add a language'));
  await page.getByRole('link', { name: 'Harbour Room' }).first().click();
  await page.getByRole('button', { name: 'Save' }).waitFor();
  await settled(page);
  await at('translation', page);
  await go('/provider/domain', 'Domain', 'domain');
  await page.getByLabel('Name').fill('book.atlas.example');
  await button(page, 'Use this name')();
  await page.getByText('CNAME', { exact: true }).waitFor();
  await at('domain-pending', page);
  await button(page, 'Stop using it')();
  await page.getByRole('dialog').getByRole('button', { name: 'Stop using it' }).click();
  await page.getByLabel('Name').waitFor();
  await go('/provider/embed', 'Widget', 'widget');
  await go('/provider/api-keys', 'API keys', 'api-keys');
  await dialog(page, at, 'api-key', button(page, 'New key'));
  await go('/provider/webhooks', 'Webhooks', 'webhooks');
  await dialog(page, at, 'webhook-new', button(page, 'New webhook'));
  await go(`/provider/webhooks/${webhook.id}`, 'hooks.example/in', 'webhook');
  await dialog(page, at, 'webhook-delivery', () => page.getByRole('button', { name: 'webhook.test' }).click());
  await dialog(page, at, 'webhook-replay', item(page, 'More actions', 'Send many again …'));
  await go('/provider/branding', 'Branding', 'branding');
  await go('/provider/kyb', 'Verification', 'kyb');
  await go('/provider/members', 'Team', 'members');
  await dialog(page, at, 'invite', button(page, 'Invite somebody'));
  await page.getByRole('tab', { name: 'Invitations' }).click();
  await settled(page);
  await at('invitations', page);
  await go('/provider/audit', 'Audit log', 'audit');
  await go('/provider/settings', 'Settings', 'settings');
  await dialog(page, at, 'close-business', button(page, 'Close it …'));
  await go('/provider/notifications', 'Notifications', 'notifications');
  await go('/provider/account', 'Your account', 'account');
  await dialog(page, at, 'second-factor', button(page, 'Switch it on'));
  await dialog(page, at, 'palette', () => page.keyboard.press('Control+k'));
  await page.goto(server.at('atlas', '/provider/nothing'));
  await page.getByText('This page is not here').waitFor();
  await at('not-here', page);
}

/** The console of the platform's admins. */
export async function walkConsole(server, visit, at) {
  const { page } = visit;
  await page.goto(`http://localhost:${server.port}/admin`);
  await heading(page, 'Console');
  await at('console-door', page);
  await page.getByLabel('Token').fill(server.platformToken);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await heading(page, 'Verification');
  await settled(page);
  await at('console-kyb', page);
  for (const [name, title] of [['Disputes', 'Disputes'], ['Risk', 'Risk'], ['Businesses', 'Businesses'], ['Log', 'Log']]) {
    await page.getByRole('link', { name }).click();
    await heading(page, title);
    await settled(page);
    await at(`console-${name.toLowerCase()}`, page);
  }
  await page.goto(`http://localhost:${server.port}/admin/disputes`);
  await page.getByRole('main').getByRole('link').first().click();
  await page.getByRole('button', { name: 'Decide' }).waitFor();
  await at('console-dispute', page);
  await dialog(page, at, 'console-decide', button(page, 'Decide'));
  await page.goto(`http://localhost:${server.port}/admin/tenants`);
  await settled(page);
  await dialog(page, at, 'console-suspend', item(page, /^Actions for/, 'Suspend …'));
}
