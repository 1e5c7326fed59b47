import { expect, test } from "vitest";

import { domainTyped } from "../src/portal/domains";

test.each([
  ["book.example.com", "book.example.com"],
  ["  Book.Example.COM ", "book.example.com"],
  ["https://book.example.com/", "book.example.com"],
  ["http://book.example.com:8080/o/room?x=1#y", "book.example.com"],
  ["book.example.com.", "book.example.com"],
  ["bücher.example", "bücher.example"], // the API says what it thinks of it
  ["", ""],
])("%s is %s", (text, domain) => expect(domainTyped(text)).toBe(domain));
