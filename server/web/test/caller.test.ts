import { expect, it } from "vitest";

import { callerOf } from "../src/caller";

const named = (fields: object): string => JSON.stringify({ orkestr: 1, id: "a1", origin: "https://www.example.com", ...fields });

it("knows its caller by the name of the frame", () => {
  expect(callerOf(named({}))).toEqual({ id: "a1", origin: "https://www.example.com" });
  expect(callerOf(named({ origin: "http://127.0.0.1:8090" }))?.origin).toBe("http://127.0.0.1:8090");
});

it("speaks to no one else", () => {
  const wrong = ["", "x", "null", "1", "[]", named({ orkestr: 2 }), named({ id: 5 })];
  for (const origin of ["*", "/", "null", "", "https://www.example.com/", "https://a@www.example.com", "javascript:1", 5])
    wrong.push(named({ origin }));
  for (const name of wrong) expect(callerOf(name), name).toBeNull();
});
