// How a visitor acts: by mouse, or by nothing but a keyboard. Both take what they act on as Playwright's locators.
import assert from 'node:assert/strict';

export class Mouse {
  name = 'mouse';
  constructor(page) {
    this.page = page;
  }
  press = (target) => target.click();
  async write(target, text) {
    await target.click();
    await target.fill(text);
  }
  async choose(target, value) {
    await target.hover();
    await target.selectOption(value);
  }
  check = (target) => target.check({ force: true }); // the label lies over it
  go = async () => {};
}

/** Whoever has the focus can see that: an outline, on the element or on what stands for it, within the window. */
function lookOfFocus() {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  if (!active || active === document.body) return { what: 'nothing', seen: false };
  const outlined = (element) => {
    const style = element && getComputedStyle(element);
    return Boolean(style) && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  };
  const standIns = [active, active.nextElementSibling, active.parentElement, active.closest('.card'), active.querySelector('span')];
  const { top, bottom, left, right } = active.getBoundingClientRect();
  return {
    what: `${active.localName} "${(active.getAttribute('aria-label') ?? active.textContent ?? '').trim().slice(0, 40)}"`,
    seen: standIns.some(outlined) && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth,
  };
}

export class Keyboard {
  name = 'keyboard';
  steps = 0;
  constructor(page) {
    this.page = page;
  }
  async assertFocusSeen() {
    const { what, seen } = await (await this.page.mainFrame()).evaluate(lookOfFocus);
    assert.ok(seen, `the focus is on ${what}, and nobody can see that`);
  }
  /** Tabs there, forwards or backwards, whichever is the way. */
  async go(target) {
    await target.waitFor({ state: 'attached' });
    const way = () => target.evaluate((element) => {
      const { activeElement } = element.ownerDocument;
      if (activeElement === element) return 'there';
      if (activeElement && element.compareDocumentPosition(activeElement) & Node.DOCUMENT_POSITION_FOLLOWING) return 'Shift+Tab';
      return 'Tab';
    });
    for (let tries = 0; tries < 150; ++tries) {
      const key = await way();
      if (key === 'there') return this.assertFocusSeen();
      await this.page.keyboard.press(key);
      ++this.steps;
    }
    throw new Error(`no tab key leads to ${target}`);
  }
  async press(target) {
    await this.go(target);
    await this.page.keyboard.press('Enter');
  }
  async write(target, text) {
    await this.go(target);
    await this.page.keyboard.press('ControlOrMeta+A');
    if (text) await this.page.keyboard.type(text);
    else await this.page.keyboard.press('Delete');
  }
  async choose(target, value) {
    await this.go(target);
    // As people do: what an option is called is typed.
    const label = await target.evaluate((select, value) => [...select.options].find((option) => option.value === value)?.label, value);
    assert.ok(label, `there is no option ${value}`);
    await this.page.keyboard.type(label);
    assert.equal(await target.inputValue(), value);
  }
  async check(target) {
    // Of radio buttons the tab key reaches one; arrows lead to the others.
    const group = this.page.locator(`input[name="${await target.getAttribute('name')}"]`);
    const chosen = await group.evaluateAll((all) => Math.max(0, all.findIndex((one) => one.checked)));
    await this.go(group.nth(chosen));
    await this.page.keyboard.press('Space');
    for (let tries = 0; tries < 10 && !await target.isChecked(); ++tries) await this.page.keyboard.press('ArrowRight');
    assert.ok(await target.isChecked());
    await this.assertFocusSeen();
  }
}
