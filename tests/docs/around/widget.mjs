const window = { Orkestr: { open() {}, close() {}, on() {}, push() {} } };
SNIPPET
