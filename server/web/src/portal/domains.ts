// Names of hosts as people type them.

/** `book.example.com` of `https://Book.Example.com/path`: what was pasted from an address bar. */
export const domainTyped = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
    .replace(/[/?#].*$/, "")
    .replace(/:\d+$/, "")
    .replace(/\.$/, "");
