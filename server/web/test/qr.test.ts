import jsqr from "jsqr";
import { expect, test } from "vitest";

import { outline } from "../src/ui/qr";

test.each(["otpauth://totp/Atlas%20Studios:owner%40atlas.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Atlas%20Studios", "a"])("a reader reads %s", (text) => {
  const { size, path } = outline(text);
  const scale = 4, side = size * scale;
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let i = 0; i < scale; ++i)
      for (let j = 0; j < scale; ++j) pixels.fill(0, ((Number(y) * scale + i) * side + Number(x) * scale + j) * 4, ((Number(y) * scale + i) * side + Number(x) * scale + j) * 4 + 3);
  expect(jsqr(pixels, side, side)?.data).toBe(text);
});
