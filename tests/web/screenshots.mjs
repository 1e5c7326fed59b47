// Pictures of every page and state, of storefronts, the portal and the console, at both widths, in light and in dark: screenshots.mjs FOLDER
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startBrowser, visitor, widths } from './support/browser.mjs';
import { signIn, startBusiness, walkConsole, walkDoors, walkPages } from './support/portal.mjs';
import { startShops, walkAfterwards, walkAside, walkJourney } from './support/walk.mjs';

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const browser = await startBrowser();
let count = 0;

/** Shows the states of a walk to a camera. */
const camera = (part, width) => {
  let n = 0;
  return async (state, page) => {
    const number = part + String(++n).padStart(2, '0');
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(() => scrollTo(0, 0)); // what sticks to the top is shown there
      await page.screenshot({ path: join(folder, `${number}-${state}-${width}-${colorScheme}.png`), fullPage: true });
      ++count;
    }
  };
};

const shops = await startShops(), business = await startBusiness();
try {
  for (const width of widths) {
    for (const [part, walk] of [['1', walkJourney], ['2', walkAside], ['3', walkAfterwards]]) {
      const visit = await visitor(browser, { width, js: false });
      await walk(shops, visit, camera(part, width));
      await visit.close();
    }
    const visit = await visitor(browser, { width });
    await walkDoors(business, visit, camera('4', width));
    await signIn(business, visit.page, business.ownerEmail);
    await walkPages(business, visit, camera('5', width));
    await walkConsole(business, visit, camera('6', width));
    await visit.close();
  }
} finally {
  await browser.close();
  await Promise.all([shops.stop(), business.stop()]);
}
console.log(`${count} pictures in ${folder}`);
