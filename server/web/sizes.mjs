// What a page loads at first, packed as the server sends it, stays below what was promised; else the build fails.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const manifest = JSON.parse(readFileSync("dist/manifest.json", "utf8"));

/** The files that an entry needs before it runs: itself and what it imports, not what it may import later. */
function files(key, seen = new Set()) {
  if (!seen.has(key)) {
    seen.add(key);
    for (const each of manifest[key].imports ?? []) files(each, seen);
  }
  return [...seen].map((each) => `dist/${manifest[each].file}`);
}

const packed = (paths) => paths.reduce((sum, path) => sum + gzipSync(readFileSync(path), { level: 9 }).length, 0);
let failed = false;
for (const [name, paths, most] of [
  ["storefront", files("src/storefront.ts"), 20_000],
  ["embed", files("src/embed.ts"), 20_000],
  ["portal", files("src/portal/portal.tsx"), 60_000],
  ["admin", files("src/admin/admin.tsx"), 60_000],
  ["widget", ["dist/widget.js"], 3_000],
]) {
  const size = packed(paths);
  console.log(`${name}: ${size} bytes gzipped, of ${most}`);
  failed ||= size > most;
}
if (failed) {
  console.error("A bundle is larger than it may be.");
  process.exit(1);
}
