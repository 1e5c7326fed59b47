import { expect, test } from "vitest";

import { domainTyped, failureWords } from "../src/portal/domains";

test.each([
  ["book.example.com", "book.example.com"],
  ["  Book.Example.COM ", "book.example.com"],
  ["https://book.example.com/", "book.example.com"],
  ["http://book.example.com:8080/o/room?x=1#y", "book.example.com"],
  ["book.example.com.", "book.example.com"],
  ["bücher.example", "bücher.example"], // the API says what it thinks of it
  ["", ""],
])("%s is %s", (text, domain) => expect(domainTyped(text)).toBe(domain));

test("each failure is told with what to do", () => {
  const target = "acme.orkestr.example";
  expect(failureWords({ failure: null, found: null, target })).toBe("");
  expect(failureWords({ failure: "OTHER_TARGET", found: "pages.example.net", target })).toContain("pages.example.net, not to acme.orkestr.example");
  for (const failure of ["NOT_FOUND", "OTHER_TARGET", "LOOP", "TIMEOUT", "UNREACHABLE", "TAKEN"] as const) expect(failureWords({ failure, found: null, target })).toMatch(/\.$/);
});
