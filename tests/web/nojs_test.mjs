// The customer's journey in Chromium with JavaScript switched off, at the width of a telephone and of a desk, with axe on every state in
// light and in dark.
import test, { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { axe, overflow, inspector, startBrowser, visitor, widths } from './support/browser.mjs';
import { startShops, walkAfterwards, walkAside, walkJourney } from './support/walk.mjs';

let server, browser;
before(async () => {
  [server, browser] = await Promise.all([startShops(), startBrowser()]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const { inspect, tell } = inspector();

test('axe and the measure of width see what is wrong, also where no script runs', async () => {
  const visit = await visitor(browser, { width: 375, js: false });
  await visit.page.setContent('<html lang="en"><title>x</title><main><h1>x</h1><img src="data:,"><p style="color:#bbb;background:#fff">pale</p><div style="width:900px">wide</div></main>');
  const found = (await axe(visit.page)).join('\n');
  assert.match(found, /image-alt/);
  assert.match(found, /color-contrast/);
  assert.equal((await overflow(visit.page)).length, 1);
  visit.faults.length = 0; // the picture is none
  await visit.close();
});

for (const width of widths)
  for (const [name, walk] of [['the journey', walkJourney], ['what lies beside it', walkAside], ['what comes after it', walkAfterwards]])
    test(`${name} without JavaScript at ${width} px`, async () => {
      const visit = await visitor(browser, { width, js: false });
      await walk(server, visit, inspect(width));
      await visit.close();
    });

test('axe finds nothing, and nothing is wider than the screen', (t) => {
  tell(t);
});
