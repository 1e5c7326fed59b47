// Pictures of every page and state, at both widths, in light and in dark: screenshots.mjs FOLDER
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startBrowser, visitor, widths } from './support/browser.mjs';
import { signIn, startBusiness, walkConsole, walkDoors, walkPages } from './support/portal.mjs';
import { startShops, walkAfterwards, walkAside, walkJourney } from './support/walk.mjs';

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
const server = await startShops(), business = await startBusiness(), browser = await startBrowser();
let count = 0;
try {
  for (const width of widths) {
    let n = 0;
    for (const [part, walk] of [['1', walkJourney], ['2', walkAside], ['3', walkAfterwards]]) {
      const visit = await visitor(browser, { width, js: false });
      await walk(server, visit, async (state, page) => {
        const number = part + String(++n).padStart(2, '0');
        for (const colorScheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme });
          await page.evaluate(() => scrollTo(0, 0)); // what sticks to the top is shown there
          await page.screenshot({ path: join(folder, `${number}-${state}-${width}-${colorScheme}.png`), fullPage: true });
          ++count;
        }
      });
      await visit.close();
    }
  }
  // In other languages, one of them read from the right.
  for (const locale of ['es', 'ar'])
    await server.as('atlas')('POST', '/v1/provider/locales', { locale }).catch(() => {}); // which the demo has already
  for (const width of widths)
    for (const locale of ['es', 'ar']) {
      const visit = await visitor(browser, { width, locale, timezoneId: 'Europe/Berlin' });
      const { page } = visit;
      const picture = async (state) => {
        await page.evaluate(() => scrollTo(0, 0));
        await page.screenshot({ path: join(folder, `5-${state}-${locale}-${width}.png`), fullPage: true });
        ++count;
      };
      await page.goto(server.at('atlas'));
      await picture('home');
      await page.goto(server.at('atlas', `/o/${server.shop.room.slug}`));
      await page.locator('.picker[data-live]').waitFor();
      await picture('offering');
      await page.locator('.slot').first().click();
      await page.waitForURL(/checkout/);
      await picture('checkout');
      await page.locator('#name').fill('Ada');
      await page.locator('#email').fill('ada@example.com');
      await page.locator('#email').press('Enter');
      await page.waitForURL(/pay/);
      await picture('pay');
      await page.goto(page.url().replace(/\/pay.*/, ''));
      await picture('receipt');
      await page.locator('a[href$="/move"]').click();
      await picture('move');
      await visit.close();
    }
  for (const width of widths) {
    let n = 0;
    const visit = await visitor(browser, { width });
    const picture = async (state, page) => {
      const number = '4' + String(++n).padStart(2, '0');
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: join(folder, `${number}-portal-${state}-${width}-${colorScheme}.png`), fullPage: true });
        ++count;
      }
    };
    await walkDoors(business, visit, picture);
    await signIn(business, visit.page, business.ownerEmail);
    await walkPages(business, visit, picture);
    await walkConsole(business, visit, picture);
    await visit.close();
  }
} finally {
  await browser.close();
  await server.stop();
  await business.stop();
}
console.log(`${count} pictures in ${folder}`);
