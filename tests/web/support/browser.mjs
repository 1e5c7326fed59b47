// Chromium, which reaches this machine only, and pages that are watched.
import { createRequire } from 'node:module';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';

const tools = createRequire(join(process.env.ORKESTR_WEB_TOOLS, 'package.json'));
const { chromium } = tools('playwright-core');
const axeSource = readFileSync(tools.resolve('axe-core/axe.min.js'), 'utf8');

export const widths = [375, 1280];
const scriptless = new WeakSet();

const how = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox', // which root has not
    '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE localhost, EXCLUDE 127.0.0.1',
  ],
};

export const startBrowser = () => chromium.launch(how);

/** A context of a browser of its own, with a profile, which takes cookies of third parties or does not. */
async function startWithProfile(cookies, options) {
  const profile = mkdtempSync(join(tmpdir(), 'orkestr-profile-'));
  mkdirSync(join(profile, 'Default'));
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify({ profile: { cookie_controls_mode: cookies === 'own' ? 1 : 0, block_third_party_cookies: cookies === 'own' } }));
  // The browser writes to it until it is gone.
  process.once('exit', () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
  return chromium.launchPersistentContext(profile, { ...how, ...options });
}

const isHere = (host) => host === '127.0.0.1' || host === 'localhost' || host.endsWith('.localhost');

/** The demo's photos lie at images.example.com: tenants' own content, here a picture of one colour. */
const picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 10"><rect width="16" height="10" fill="#7c9a92"/><circle cx="11" cy="4" r="2" fill="#f2d7a0"/><path d="M0 10l5-5 4 3 3-2 4 4z" fill="#3f5d57"/></svg>';

/**
 * A visitor: a page of a context of its own, `visit.page`. `visit.close()` fails on what no page may do: ask another host, write an error
 * to the console, throw, or break its policy.
 * @param cookies 'own' or 'all', third parties' too: in a browser with a profile of its own
 */
export async function visitor(browser, { width = 1280, height = width < 600 ? 812 : 900, js = true, cookies, ...options } = {}) {
  const settings = { viewport: { width, height }, reducedMotion: 'reduce', javaScriptEnabled: js, locale: 'en-US', ...options };
  const context = await (cookies ? startWithProfile(cookies, settings) : browser.newContext(settings));
  context.setDefaultTimeout(20_000);
  await context.route('https://images.example.com/**', (route) => route.fulfill({ contentType: 'image/svg+xml', body: picture }));
  const faults = [];
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && !isHere(url.hostname) && url.hostname !== 'images.example.com') faults.push(`asked ${url.href}`);
  });
  context.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    // A page that answers "gone" or "not found" is told so by the browser too, and so is a coupon that is none.
    const from = message.location().url;
    if (message.text().startsWith('Failed to load resource') && answered.has(from)) return;
    faults.push(`console: ${message.text()} (${from})`);
  });
  context.on('weberror', (error) => faults.push(`threw: ${error.error().message}`));
  const answered = new Set();
  context.on('response', (response) => {
    if (response.status() >= 400 && (response.request().isNavigationRequest() || new URL(response.url()).pathname.endsWith('/quotes'))) answered.add(response.url());
  });
  if (!js) scriptless.add(context);
  const page = await context.newPage();
  return {
    context,
    page,
    faults,
    close: async () => {
      await context.close();
      assert.deepEqual(faults, []);
    },
  };
}

/** What axe finds in a page or a frame, one line each. */
export async function axe(page) {
  // Where pages may run no script axe still may, but timers stand still.
  if (scriptless.has((page.page?.() ?? page).context()))
    await page.evaluate(() => {
      window.setTimeout = (then) => (void Promise.resolve().then(then), 1);
      window.requestAnimationFrame = window.setTimeout;
    });
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { preload: false, resultTypes: ['violations'] });
    return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`).join('; ')}`);
  });
}

/** What is wrong with how a page lies on the screen: whatever makes it wider than that. */
export async function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > width + 1)
      .slice(0, 5)
      .map((element) => `${element.tagName.toLowerCase()}.${element.className} reaches ${Math.round(element.getBoundingClientRect().right)} of ${width}`);
  });
}

/** Looks at states of pages in light and in dark, and at whether they fit; what is wrong is told at the end, by `tell` in a test. */
export function inspector() {
  const seen = new Set(), faults = [];
  let looked = 0;
  return {
    inspect: (width) => async (state, page) => {
      seen.add(state);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        faults.push(...(await axe(page)).map((fault) => `${state} at ${width}, ${colorScheme}: ${fault}`));
        ++looked;
      }
      faults.push(...(await overflow(page)).map((fault) => `${state} at ${width}: ${fault}`));
    },
    tell: (t) => {
      t.diagnostic(`${seen.size} states, ${looked} looks of axe, ${faults.length} faults`);
      assert.deepEqual(faults, []);
    },
  };
}
