// Whatever people write, nothing of it runs: every payload in every field, on every page that shows it, with the pages' policy and with the
// policy switched off, so that escaping alone has to hold.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { startBrowser } from './support/browser.mjs';
import { anatomy, squeezed, timesAreLive, watch } from './support/detector.mjs';
import { classes, payloads } from './support/payloads.mjs';
import { book, freeSlot, makeRoom, trustVisitors } from './support/shop.mjs';
import { startServer } from './support/server.mjs';

const pictures = 'https://photos.localhost/'; // where nobody listens
const evidence = 'https://evidence.example/'; // which is linked to, and not asked
let server, browser;
let serial = 0; // of coupons that say what they give

before(async () => {
  // A tenant's name holds a class of payloads each.
  const tenants = Object.fromEntries(Object.values(classes).map((all, i) => [`names${i}`, { name: all.join(' ').replaceAll('\0', '') }]));
  [server, browser] = await Promise.all([startServer({ tenants }), startBrowser()]);
  await trustVisitors(server.as('atlas'));
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Does something for each of a list, several at a time. */
async function severalAtATime(list, act, width = 6) {
  const left = [...list];
  await Promise.all(Array.from({ length: width }, async (_, lane) => {
    while (left.length > 0) await act(left.shift(), lane);
  }));
}

/** The same with pages, which are watched, each of a visitor of its own: what tabs keep in one cookie they may take from each other. */
async function inTabs(options, list, act, allowed) {
  const tabs = await Promise.all(Array.from({ length: 3 }, async () => {
    const page = await (await browser.newContext({ locale: 'en-US', ...options })).newPage();
    return { page, live: options.javaScriptEnabled !== false, ...await watch(page, allowed) };
  }));
  await severalAtATime(list, (one, lane) => act(tabs[lane], one), tabs.length);
  for (const { page } of tabs) await page.context().close();
}

// ---- the detector first: it has to see what runs -----------------------------------------------------------------------

const places = {
  text: (payload) => `<p>${payload}</p>`,
  attribute: (payload) => `<input value="${payload}">`,
  bare: (payload) => `<input value=${payload}>`,
  frame: (payload) => `<iframe src="${payload}"></iframe>`,
  title: (payload) => `<title>${payload}</title>`,
  data: (payload) => `<script type="application/ld+json">{"name":"${payload}"}</script>`,
};

test('the detector sees payloads that nobody has escaped', async (t) => {
  const planted = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://planted');
    const n = searchParams.get('n'), place = pathname.slice(1);
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    if (place === 'stopped') response.setHeader('Content-Security-Policy', "default-src 'none'");
    const body = place === 'all' ? Object.keys(places).map((each) => `<iframe src="/${each}?n=${n}"></iframe>`).join('')
      : place === 'stopped' ? places.text(payloads[n]) : (places[place]?.(payloads[n]) ?? '');
    response.end('<!doctype html><html lang="en"><body>' + body);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => planted.once('listening', resolve));
  const origin = `http://127.0.0.1:${planted.address().port}/`;
  const ran = new Set(), stopped = new Set();
  await inTabs({}, payloads.keys(), async ({ page, take }, n) => {
    await page.goto(`${origin}all?n=${n}`).catch(() => {}); // some go on to hosts that are not there
    if (take().some((what) => what.startsWith('ran'))) ran.add(n);
    await page.goto(`${origin}stopped?n=${n}`).catch(() => {});
    const seen = take();
    assert.ok(!seen.some((what) => what.startsWith('ran') && what.includes('/stopped')), `a policy did not hold: ${payloads[n]}`);
    if (seen.some((what) => what.startsWith('policy'))) stopped.add(n);
  }, [origin]);
  planted.close();
  t.diagnostic(`planted unescaped: ${ran.size} of ${payloads.length} run; under a policy none runs, and ${stopped.size} are seen to be stopped`);
  assert.ok(ran.size >= 80, `only ${ran.size} run`);
  assert.ok(stopped.size >= 60, `only ${stopped.size} are seen to be stopped`);
});

// ---- what is written -----------------------------------------------------------------------------------------------------

/** Payloads that stand beside each other in most fields. Those with control characters are alone: they are refused more often. */
function groups() {
  const all = [[]];
  for (const payload of payloads.filter((one) => !/[\0-\x1f]/.test(one))) {
    const longer = [...all.at(-1), payload];
    if (beside('t', longer).length > 190 || longer.length > 5) all.push([payload]);
    else all[all.length - 1] = longer;
  }
  return [...all, ...payloads.filter((one) => /[\0-\x1f]/.test(one)).map((one) => [one])];
}
/** With the field's mark, so that what is found on a page is known to be that field's. */
const marked = (mark, payload) => `${mark}~${payload}`;
const each = (mark, group) => group.map((payload) => marked(mark, payload));
const beside = (mark, group) => each(mark, group).join(' | ');

/** Cells of payload × field: shown as they were written, refused, or read and shown nowhere. */
class Ledger {
  #cells = new Map();
  add(field, how, group) {
    for (const payload of group) {
      const key = JSON.stringify([field, payload]);
      if (how === 'shown' || !this.#cells.has(key)) this.#cells.set(key, how);
    }
  }
  table() {
    const rows = new Map();
    for (const [key, how] of this.#cells) {
      const [field] = JSON.parse(key);
      const row = rows.get(field) ?? { shown: 0, refused: 0, 'not shown': 0 };
      ++row[how];
      rows.set(field, row);
    }
    return [...rows].sort().map(([field, row]) => field.padEnd(30) + Object.entries(row).map(([how, count]) => `${how} ${String(count).padStart(4)}`).join('   '));
  }
  count(how) {
    return [...this.#cells.values()].filter((one) => one === how || how === undefined).length;
  }
}
const ledger = new Ledger();

/** Posts, and what is refused again without those fields: `drop(steps, body)` takes one out. */
async function postWhatIsTaken(path, body, drop, token) {
  let answer;
  for (let tries = 0; tries < 4; ++tries) {
    let status;
    ({ status, answer } = await server.ask('POST', path, body, token));
    if (status < 300) return answer;
    assert.equal(status, 422, `${status} ${JSON.stringify(answer)} of ${JSON.stringify(body)}`);
    for (const { pointer } of answer.errors ?? []) drop(pointer.split('/').slice(1), body);
    if (body.photos) body.photos = body.photos.filter(Boolean);
  }
  throw new Error(`${path} refuses ${JSON.stringify(body)}: ${JSON.stringify(answer.errors)}`);
}

let customers = 0;
const slots = new Map();

/** A booking by a customer of that name; what is refused of it goes to the ledger. */
async function bookAs(offering, name, group, contact = {}) {
  const { startsAt, endsAt } = slots.get(offering.id) ?? slots.set(offering.id, await freeSlot(server, 'atlas', offering.slug)).get(offering.id);
  const email = `c${++customers}@x.example`; // a customer each: who books again is called as they were called last
  return postWhatIsTaken('/v1/public/atlas/bookings', {
    offeringId: offering.id, startsAt, endsAt, notes: beside('no', group),
    customer: { name, email, phone: beside('ph', group), locale: beside('lo', group), country: beside('co', group), ...contact },
  }, ([field, key], body) => {
    ledger.add(key ? `customer ${key}` : field, 'refused', group);
    if (key === 'name') body.customer.name = 'Refused';
    else if (key === 'email') body.customer.email = email;
    else if (key) delete body.customer[key];
    else delete body[field];
  }, null);
}

/** An offering with a group of payloads in every field, booked and reviewed by customers of that kind. */
async function write(group, free) {
  const api = server.as('atlas');
  const strange = beside('k', group);
  const offering = await postWhatIsTaken('/v1/api/offerings', {
    title: beside('t', group), description: 'First.\n' + each('d', group).join('\n') + '\nLast.', slug: beside('s', group), timeZone: beside('z', group),
    resource: beside('r', group).slice(0, 80), categories: [...new Set(each('c', group).map((one) => one.slice(0, 60)))],
    attributes: {
      address: beside('a', group), neighborhood: beside('n', group), city: beside('y', group), checkInNotes: beside('i', group), noiseLevel: beside('l', group),
      amenities: each('m', group), tags: each('g', group), rules: each('u', group), languages: each('j', group), [strange]: 'x',
    },
    photos: [...group.map((one) => ({ url: pictures + one, alt: marked('f', one) })), ...group.map((one) => ({ url: one, alt: 'x' }))],
    productTypeKey: 'space', basePriceCents: 5000, currency: 'EUR', status: 'PUBLISHED', autoApprove: true,
  }, ([field, key, part], body) => {
    if (field === 'photos') {
      const photo = body.photos[Number(key)];
      if (!photo) return;
      const whole = photo.alt === 'x' ? photo.url : photo.url.slice(pictures.length);
      ledger.add(photo.alt === 'x' ? 'photo url, whole' : `photo ${part}`, 'refused', [whole]);
      body.photos[Number(key)] = part === 'alt' ? { ...photo, alt: '' } : undefined;
    } else if (field === 'attributes') {
      const known = key in body.attributes && key !== strange;
      ledger.add(known ? `attribute ${key}` : 'attribute key', 'refused', group);
      delete body.attributes[known ? key : strange];
    } else {
      ledger.add(field, 'refused', group);
      if (field === 'title') body.title = 'Refused';
      else if (field === 'categories') body.categories = [];
      else delete body[field];
    }
  });
  await api('POST', `/v1/provider/offerings/${offering.id}/availability/rules`, { dayOfWeek: new Date().getDay(), startTime: '00:00', endTime: '24:00', slotMinutes: 60, capacity: 50 });
  for (const payload of group) {
    const rule = await server.ask('POST', `/v1/provider/offerings/${offering.id}/pricing-rules`,
      { name: marked('p', payload), priority: 1, adjust: { kind: 'PERCENT', value: 10 } });
    if (rule.status >= 400) ledger.add('pricing rule', 'refused', [payload]);
  }
  const made = { group, offering, title: offering.title, booking: await bookAs(offering, beside('b', group), group), reviews: [], mails: [], coupons: [], tells: [] };
  for (const payload of group) {
    const coupon = await server.ask('POST', '/v1/api/coupons', { code: payload, kind: 'PERCENT', amount: 10 });
    const code = `told ${++serial}`;
    const told = await server.ask('POST', '/v1/api/coupons', { code, description: marked('cd', payload), kind: 'PERCENT', amount: 10 });
    if (told.status === 201) made.tells.push({ code, payload });
    else ledger.add('coupon description', 'refused', [payload]);
    if (coupon.status === 201) made.coupons.push(payload);
    else ledger.add('coupon code', 'refused', [payload]);
    const { booking, manageToken } = await bookAs(offering, payload, [payload]);
    await api('POST', `/v1/api/bookings/${booking.id}/approve`);
    const review = await postWhatIsTaken(`/v1/public/atlas/bookings/${booking.id}/reviews`,
      { offeringId: offering.id, rating: 5, title: marked('v', payload), text: marked('w', payload) }, ([field], body) => {
        ledger.add(`review ${field}`, 'refused', [payload]);
        if (field === 'text') body.text = 'Refused';
        else delete body[field];
      }, manageToken);
    const reply = await server.ask('POST', `/v1/provider/reviews/${review.id}/reply`, { text: marked('x', payload) });
    if (reply.status >= 400) ledger.add('review reply', 'refused', [payload]);
    made.confirmed = { id: booking.id, manageToken, payload };
    made.reviews.push({ payload, title: review.title, text: review.text, reply: reply.status < 300 });
    // Where nothing is to be paid the receipt says where it writes to.
    const mail = await bookAs(free, 'Ada', [payload], { email: `${payload}@x.example` });
    if (!/^c\d+@x\.example$/.test(mail.booking.customer.email)) made.mails.push({ payload, ...mail });
  }
  const { id, manageToken } = made.confirmed;
  made.dispute = await postWhatIsTaken(`/v1/public/atlas/bookings/${id}/disputes`,
    { category: 'OTHER', reason: beside('dr', group), evidenceUrls: group.map((one) => evidence + one) }, ([field, key], body) => {
      ledger.add(field === 'reason' ? 'dispute reason' : 'dispute evidence', 'refused', field === 'reason' ? group : [group[Number(key)]]);
      if (field === 'reason') body.reason = 'Refused';
      else body.evidenceUrls = [];
    }, manageToken);
  const message = await server.ask('POST', `/v1/public/atlas/bookings/${id}/disputes/${made.dispute.id}/messages`, { text: beside('dm', group) }, manageToken);
  if (message.status >= 400) ledger.add('dispute message', 'refused', group);
  made.message = message.status < 300;
  return made;
}

// ---- and what is shown ---------------------------------------------------------------------------------------------------

/** Every page that shows what `write` has written: `[address, check(words), act(page)]`. */
function pagesOf(made, bare) {
  const { group, offering, booking, coupons } = made;
  const shop = (path, query) => server.at('atlas', path + (query ? '?' + new URLSearchParams(query) : ''));
  const ofOffering = [
    ['title', 't', made.title !== 'Refused'], ['description', 'd', offering.description !== ''], ['attribute address', 'a', offering.attributes.address],
    ['attribute neighborhood', 'n', offering.attributes.neighborhood], ['attribute city', 'y', offering.attributes.city],
    ['attribute checkInNotes', 'i', offering.attributes.checkInNotes], ['attribute amenities', 'm', offering.attributes.amenities],
    ['attribute tags', 'g', offering.attributes.tags], ['attribute rules', 'u', offering.attributes.rules], ['attribute languages', 'j', offering.attributes.languages],
  ].filter(([, , present]) => present);
  const readable = group.filter((payload) => !payload.includes('\0')); // a parameter with a zero byte is as if it were not there
  const short = readable.find((payload) => payload.length < 58); // as long as a coupon may be
  const typed = { name: 'en', email: 'em', phone: 'ep', notes: 'eo', coupon: 'ec' };
  const pages = [
    [shop(`/o/${offering.slug}`, { month: beside('', group), day: beside('', group) }), (shown) => {
      for (const [field, mark] of ofOffering) shown(field, group, mark);
      for (const { payload, title, text, reply } of made.reviews) {
        if (title) shown('review title', [payload], 'v');
        if (text !== 'Refused') shown('review text', [payload], 'w');
        if (reply) shown('review reply', [payload], 'x');
      }
      const photos = offering.photos.slice(0, 5);
      shown('photo alt', group.filter((one) => photos.some(({ alt }) => alt === marked('f', one))), 'f');
      shown('photo url', group.filter((one) => photos.some(({ url }) => url === pictures + one)), pictures);
      shown('photo url, whole', group.filter((one) => photos.some(({ url }) => url === one)), '');
      ledger.add('query month', 'not shown', group);
      ledger.add('query day', 'not shown', group);
    }],
    [shop('/', { q: beside('qq', group), category: beside('qc', group), min: beside('qi', group), max: beside('qx', group), sort: beside('qs', group), after: beside('qa', group) }),
      (shown) => {
        shown('query q', readable, 'qq');
        shown('query category', readable, 'qc');
        shown('query min', readable, 'qi');
        shown('query max', readable, 'qx');
        for (const field of ['sort', 'after']) ledger.add(`query ${field}`, 'not shown', group);
      }],
    [shop('/checkout', { hold, o: offering.slug, until: beside('ut', group), coupon: coupons[0] ?? 'none' }), (shown) => {
      if (coupons[0]) shown('coupon code', [coupons[0]], 'Coupon');
      shown('query until', readable, 'ut');
    }],
    ...made.tells.map(({ code, payload }) => [shop('/checkout', { hold, o: offering.slug, until: '2030-01-01T00:00:00Z', coupon: code }),
      (shown) => shown('coupon description', [payload], 'cd')]),
    [shop('/checkout', { hold, o: offering.slug, until: '2030-01-01T00:00:00Z' }), (shown) => {
      for (const [field, mark] of Object.entries(typed)) shown(`typed ${field}`, field === 'coupon' ? (short ? [short] : []) : readable, mark);
    }, async (page) => {
      const answer = page.waitForNavigation();
      await page.evaluate((fields) => {
        const form = document.getElementById('checkout');
        for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
        form.submit();
      }, { ...Object.fromEntries(Object.entries(typed).map(([field, mark]) => [field, beside(mark, group)])), coupon: marked(typed.coupon, short ?? 'x') });
      assert.equal((await answer).status(), 422);
    }],
    [shop(`/bookings/${booking.booking.id}`, { token: booking.manageToken }), (shown) => {
      shown('customer name', booking.booking.customer.name === 'Refused' ? [] : group, 'b');
      shown('title', made.title === 'Refused' ? [] : group, 't');
      shown('pricing rule', group.filter((one) => booking.booking.priceLines.some(({ label }) => label.includes(marked('p', one)))), 'p');
      ledger.add('customer phone', 'not shown', group);
      ledger.add('notes', 'not shown', group);
    }],
    [shop(`/bookings/${booking.booking.id}/pay`, { token: booking.manageToken }), (shown) => shown('title', made.title === 'Refused' ? [] : group, 't')],
    [shop(`/bookings/${made.confirmed.id}/disputes/${made.dispute.id}`, { token: made.confirmed.manageToken }), (shown) => {
      if (made.dispute.reason !== 'Refused') shown('dispute reason', group, 'dr');
      if (made.message) shown('dispute message', group, 'dm');
      shown('dispute evidence', group.filter((one) => made.dispute.evidenceUrls.includes(evidence + one)), evidence);
    }],
    // Some are looked at once, without a policy: those whose fields others show as well, or that show nothing.
    ...!bare ? [] : [
    [shop(`/bookings/${made.confirmed.id}/review`, { token: made.confirmed.manageToken }), (shown) => {
      const { payload, title, text } = made.reviews.at(-1);
      if (title) shown('review title', [payload], 'v');
      if (text !== 'Refused') shown('review text', [payload], 'w');
    }],
    [shop('/bookings'), (shown) => shown('typed address', readable, 'ba'), async (page) => {
      const answer = page.waitForNavigation();
      await page.evaluate((email) => {
        const form = document.querySelector('form[action="/bookings/link"]');
        form.elements.email.value = email;
        form.submit();
      }, beside('ba', group));
      assert.equal((await answer).status(), 422);
    }],
    [shop(`/embed/v1/atlas/o/${offering.slug}`, { name: beside('fn', group), email: beside('fe', group), phone: beside('fp', group), notes: beside('fo', group), coupon: beside('fc', group) }),
      (shown) => {
        for (const [field, mark] of [['name', 'fn'], ['email', 'fe'], ['phone', 'fp'], ['notes', 'fo'], ['coupon', 'fc']]) shown(`prefilled ${field}`, readable, mark);
      }],
    [shop('/checkout', { hold: beside('', group), o: beside('', group) }), () => {
      ledger.add('query hold', 'refused', group);
      ledger.add('query o', 'refused', group);
    }],
    [shop('/o/' + encodeURIComponent(beside('', group))), () => ledger.add('path', 'refused', group)],
    [shop('/bookings/' + booking.booking.id, { token: beside('', group) }), () => ledger.add('query token', 'refused', group)],
    [server.baseUrl + `/v1/public/atlas/offerings/${offering.slug}`, () => {}]],
    ...made.mails.map(({ payload, booking: { id }, manageToken }) =>
      [shop(`/bookings/${id}`, { token: manageToken }), (shown) => shown('customer email', [payload], 'writeto')]),
  ];
  return pages.map(([url, check, act]) => ({ url, check, act, what: `${new URL(url).pathname} with ${JSON.stringify(group)}` }));
}

/** The lists: every offering is on one of them. */
async function lists() {
  const all = [];
  for (let cursor = ''; cursor !== null;) {
    all.push(server.at('atlas', cursor && '/?' + new URLSearchParams({ after: cursor })));
    cursor = (await server.call('GET', `/v1/public/atlas/offerings?limit=24${cursor && '&cursor=' + encodeURIComponent(cursor)}`, undefined, null)).nextCursor;
  }
  return all;
}

let written, plain, hold, free;
const benign = ['plain words'];
test('every field is written, or refuses', async () => {
  const api = server.as('atlas');
  free = await makeRoom(api, { title: 'Free', basePriceCents: 0, autoApprove: false }, { hours: ['00:00', '24:00'], capacity: 1000 });
  await makeRoom(api, { title: 'Never' }, { hours: null });
  plain = await write(benign, free);
  written = [];
  await severalAtATime(groups(), async (group) => void written.push(await write(group, free)));
  assert.equal(new Set(written.flatMap(({ group }) => group)).size, payloads.length);
  // What is written in the name of a tenant stands on all its pages.
  await severalAtATime(Object.keys(classes).keys(), async (i) => makeRoom(server.as(`names${i}`), { title: 'Room' }, { hours: null }));
  const room = await makeRoom(api, { title: 'Room' });
  const slot = await freeSlot(server, 'atlas', room.slug);
  hold = (await server.call('POST', '/v1/public/atlas/holds', { offeringId: room.id, startsAt: slot.startsAt, endsAt: slot.endsAt }, null)).id;
});

let executions = 0, looks = 0;
for (const bypassCSP of [false, true])
  test(`nothing runs ${bypassCSP ? 'with the policy switched off' : 'under the policy'}`, async () => {
    const allowed = [...['atlas', ...Object.keys(classes).keys()].map((name) => server.at(typeof name === 'number' ? `names${name}` : name)), server.baseUrl, pictures,
      'https://images.example.com/']; // the demo's own
    const known = new Set();
    const faults = [];
    const look = (learns) => async (tab, view) => {
      try {
        await lookAt(tab, view, learns);
      } catch (error) {
        faults.push(`${view.what}: ${error.message}`);
      }
    };
    const lookAt = async ({ page, live, take }, { url, check, act, what }, learns) => {
      await page.goto(url);
      await act?.(page);
      ++looks;
      if (url.startsWith(server.baseUrl)) { // what is no page is shown as text
        executions += take().length;
        return;
      }
      if (live) await timesAreLive(page);
      const { parts, bad, words } = await anatomy(page);
      const strange = [...take(), ...bad];
      if (learns) parts.forEach((part) => known.add(part));
      else strange.push(...parts.filter((part) => !known.has(part)).map((part) => 'a new ' + part));
      executions += strange.length;
      if (strange.length > 0) faults.push(`${what}: ${strange.join(', ')}`);
      const all = words.map(squeezed).join('\u0001');
      check((field, group, mark) => {
        for (const payload of group) {
          const wanted = squeezed(mark.length !== 1 && mark.length !== 2 ? mark + payload : marked(mark, payload));
          if (all.includes(wanted)) ledger.add(field, 'shown', [payload]);
          else faults.push(`${what}: ${field} does not show ${JSON.stringify(payload)}`);
        }
      });
    };
    const list = (url) => ({ url, check: () => {}, what: url });
    // With the live parts and before they have come.
    for (const javaScriptEnabled of [true, false])
      await inTabs({ bypassCSP, javaScriptEnabled },
        [...pagesOf(plain, bypassCSP), ...['/', '/nothing', '/o/never'].map((path) => list(server.at('atlas', path)))], look(true), allowed);
    const pages = written.flatMap((made) => pagesOf(made, bypassCSP));
    for (const url of await lists()) pages.push(list(url));
    for (const [i, all] of Object.values(classes).entries())
      for (const path of ['/', '/o/room', '/nothing'])
        pages.push({
          url: server.at(`names${i}`, path), what: `tenant ${i} ${path}`,
          check: (shown) => shown('tenant name', all.map((one) => one.replaceAll('\0', '')), ''),
        });
    await inTabs({ bypassCSP }, pages, look(false), allowed);
    assert.deepEqual(faults.slice(0, 20), []);
  });

test('nothing of a brand runs', async () => {
  const faults = [], known = new Set();
  const room = (await server.as('names0')('GET', '/v1/api/offerings')).data[0];
  const tabs = [];
  for (const bypassCSP of [false, true]) {
    const page = await (await browser.newContext({ bypassCSP, locale: 'en-US' })).newPage();
    tabs.push({ page, ...await watch(page, [server.at('names0'), pictures]) });
  }
  const simple = ['plain-words'];
  for (const group of [simple, ...payloads.map((one) => [one])]) {
    const [payload] = group;
    const brand = {
      tagline: marked('bt', payload), announcement: { text: marked('bx', payload), linkUrl: pictures + payload }, logoUrl: pictures + payload,
      saleBadges: [{ label: payload.slice(0, 24), offeringIds: [room.id] }], embedOrigins: [payload], brandColor: payload, locale: payload, timeZone: payload,
    };
    let { status, answer } = await server.ask('PATCH', '/v1/provider/branding', brand, server.keys.names0);
    for (let tries = 0; status === 422 && tries < 3; ++tries) {
      for (const { pointer } of answer.errors) {
        const [, field, key] = pointer.split('/');
        if (group !== simple) ledger.add(`brand ${field}${key && field === 'announcement' ? ' ' + key : ''}`, 'refused', group);
        if (field === 'announcement' && key === 'linkUrl') delete brand.announcement?.linkUrl;
        else delete brand[field];
      }
      ({ status, answer } = await server.ask('PATCH', '/v1/provider/branding', brand, server.keys.names0));
    }
    assert.equal(status, 200, `${JSON.stringify(answer)} of ${JSON.stringify(brand)}`);
    assert.ok(!brand.embedOrigins && !brand.brandColor && !brand.timeZone, `taken: ${payload}`);
    for (const { page, take } of tabs) {
      await page.goto(server.at('names0'));
      ++looks;
      const { parts, bad, words } = await anatomy(page);
      if (group === simple) {
        parts.forEach((part) => known.add(part));
        take();
        continue;
      }
      const strange = [...take(), ...bad, ...parts.filter((part) => !known.has(part)).map((part) => 'a new ' + part)];
      executions += strange.length;
      if (strange.length > 0) faults.push(`brand with ${payload}: ${strange.join(', ')}`);
      const all = words.map(squeezed).join('\u0001');
      const shown = (field, text) => {
        if (all.includes(squeezed(text))) ledger.add(`brand ${field}`, 'shown', group);
        else faults.push(`brand with ${payload}: no ${field}`);
      };
      if (brand.tagline) shown('tagline', brand.tagline);
      if (brand.announcement) shown('announcement', brand.announcement.text);
      if (brand.announcement?.linkUrl) shown('announcement linkUrl', brand.announcement.linkUrl);
      if (brand.logoUrl) shown('logoUrl', brand.logoUrl);
      if (brand.saleBadges) shown('saleBadges', brand.saleBadges[0].label);
    }
  }
  for (const { page } of tabs) await page.context().close();
  assert.deepEqual(faults.slice(0, 20), []);
});

// ---- and the eye for it: the same pages, with one place of them not escaped --------------------------------------------

test('one place that is not escaped is seen, whichever it is', async (t) => {
  const payload = '"\'></title></textarea></script><svg onload=alert(1)>';
  const forms = {
    '"': '(?:&quot;|\\\\"|%22)', "'": "(?:&apos;|&#39;|'|%27)", '<': '(?:&lt;|\\\\u003c|%3C)', '>': '(?:&gt;|>|%3E)', '/': '(?:\\\\?/|%2F)',
    ' ': '(?: |%20|\\+)', '=': '(?:=|%3D)', '(': '(?:\\(|%28)', ')': '(?:\\)|%29)',
  };
  const escaped = new RegExp([...payload].map((c) => forms[c] ?? c).join(''), 'g');
  const made = await write([payload], free);
  const context = await browser.newContext({ bypassCSP: true, locale: 'en-US' });
  const page = await context.newPage();
  const { take } = await watch(page, ['http']);
  let places = 0;
  const missed = [], known = new Set();
  let mutate = null;
  await page.route((url) => url.hostname === 'atlas.localhost' && !/\.css$/.test(url.pathname), async (route) => {
    if (!route.request().isNavigationRequest()) return route.continue();
    // Names below localhost are known to browsers, not to everybody.
    const { host } = new URL(route.request().url());
    const response = await route.fetch({ url: route.request().url().replace('atlas.localhost', '127.0.0.1'), headers: { ...await route.request().allHeaders(), host }, maxRedirects: 0 });
    if (response.status() === 303) return route.fulfill({ response });
    const body = await response.text();
    // Where a form is sent it is the answer that is changed.
    await route.fulfill({ response, body: mutate && sends === (route.request().method() === 'POST') ? mutate(body) : body });
  });
  let sends = false;
  const look = async ({ url, act }) => {
    sends = Boolean(act);
    await page.goto(url);
    await act?.(page);
    return anatomy(page).catch(() => ({ parts: ['what is broken'], bad: [] }));
  };
  for (const view of [...pagesOf(plain, true), ...pagesOf(made, true)].filter(({ url }) => url.includes('atlas.localhost')))
    (await look(view)).parts.forEach((part) => known.add(part));
  take();
  for (const view of pagesOf(made, true).filter(({ url }) => url.includes('atlas.localhost'))) {
    const kinds = new Set();
    let before = [];
    mutate = (body) => {
      before = [...body.matchAll(escaped)].map(({ index }) => body.slice(Math.max(0, index - 8), index));
      return body;
    };
    await look(view);
    for (let place = 0; place < before.length; ++place) {
      if (kinds.has(before[place])) continue; // as in every link of a list
      kinds.add(before[place]);
      mutate = (body) => {
        let n = 0;
        return body.replace(escaped, (found) => (n++ === place ? payload : found));
      };
      const { parts, bad } = await look(view);
      const seen = [...take(), ...bad, ...parts.filter((part) => !known.has(part))];
      ++places;
      if (seen.length === 0) missed.push(`${view.what}: ${before[place]}`);
    }
    mutate = null;
  }
  await context.close();
  t.diagnostic(`mutants: ${places - missed.length} of ${places} places seen`);
  assert.deepEqual(missed, []);
  assert.ok(places >= 40, `only ${places} places`);
});

test('figures', (t) => {
  for (const row of ledger.table()) t.diagnostic(row);
  t.diagnostic(`${payloads.length} payloads, ${Object.keys(classes).length} classes, ${looks} pages; cells ${ledger.count()}: shown ${ledger.count('shown')}, refused ${ledger.count('refused')}, read and not shown ${ledger.count('not shown')}`);
  t.diagnostic(`executions ${executions} of ${ledger.count()}`);
  assert.ok(payloads.length >= 100);
  assert.equal(executions, 0);
});
