// Sees when something that a person wrote runs in a page, or becomes part of its markup.

/**
 * Watches a page: scripts that call alert, dialogs, what the policy had to stop, other hosts that are asked, places that nobody went to.
 * `take()` returns what was seen since.
 * @param allowed prefixes of addresses that it may ask
 */
export async function watch(page, allowed) {
  let seen = [];
  await page.exposeBinding('__hit', (_, what) => void seen.push(what));
  await page.addInitScript(() => {
    const hit = window.__hit;
    for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = () => hit(`ran: ${name} at ${location.href}`);
    addEventListener('securitypolicyviolation', (event) => hit(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`), true);
  });
  page.on('dialog', (dialog) => (seen.push('ran: ' + dialog.message()), dialog.dismiss()));
  page.on('request', (request) => {
    if (!allowed.some((prefix) => request.url().startsWith(prefix))) seen.push('asked: ' + request.url());
  });
  page.on('pageerror', (error) => seen.push('threw: ' + error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) seen.push('console: ' + message.text());
  });
  page.on('framenavigated', (frame) => {
    if (![...allowed, 'about:blank'].some((prefix) => frame.url().startsWith(prefix))) seen.push('went: ' + frame.url());
  });
  return {
    take: () => {
      const all = seen;
      seen = [];
      return all;
    },
  };
}

/** Waits until a page's times are live, where it has any. */
export const timesAreLive = (page) => page.waitForFunction(() => !document.querySelector('.picker:not([data-live])'));

/**
 * What a page is made of, and all that it says: `parts` are its elements with the names of their attributes, such as `a[href]`, `bad` what no
 * page may have, `words` its texts and the values of its attributes.
 */
export async function anatomy(page) {
  return page.evaluate(() => {
    const parts = new Set(), bad = [], words = [];
    const dangerous = /^[\s\0-\x20]*(javascript|vbscript|data:(?!image\/))/i;
    const look = (root) => {
      for (const element of root.querySelectorAll('*')) {
        parts.add(element.localName);
        if (element.shadowRoot) look(element.shadowRoot);
        for (const { name, value } of element.attributes) {
          parts.add(`${element.localName}[${name}]`);
          words.push(value);
          if (name === 'href' || name === 'action') {
            try {
              words.push(decodeURIComponent(value.replaceAll('+', ' ')));
            } catch {
              // It is no encoded text.
            }
          }
          if (/^on/i.test(name)) bad.push(`${element.localName} ${name}`);
          if (/^(href|src|srcset|action|formaction|data|xlink:href|poster|background)$/i.test(name) && dangerous.test(value)) bad.push(`${name}=${value}`);
        }
        // The words that pages have for scripts are data, which no browser runs.
        const data = element.type === 'application/ld+json' || (element.type === 'application/json' && element.id === 'words');
        if (element.localName === 'script' && !data && !element.src.startsWith(location.origin + '/assets/')) bad.push('script');
        if (element.localName === 'meta' && element.httpEquiv && !/^\d+$/.test(element.content)) bad.push('meta ' + element.content);
        if (element.localName === 'link' && new URL(element.href).origin !== location.origin) bad.push('link ' + element.href);
      }
      words.push(root.textContent ?? root.documentElement.textContent);
    };
    look(document);
    words.push(document.documentElement.textContent);
    for (const input of document.querySelectorAll('input, textarea')) words.push(input.value);
    const data = [...document.querySelectorAll('script[type="application/ld+json"]')].map((script) => script.textContent);
    for (const text of data) {
      const all = (value) => (typeof value === 'object' && value !== null ? Object.values(value).forEach(all) : words.push(String(value)));
      all(JSON.parse(text));
    }
    return { parts: [...parts], bad, words };
  });
}

/** As it can be compared, whatever pages do with spaces and capitals. */
export const squeezed = (text) => text.toLowerCase().replace(/[\s_\0\ufffd\u0085\ufeff]+/g, '');
