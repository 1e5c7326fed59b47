// The module answers as the native engine does, over a year of many zones: one that is past, since the two may have databases of different ages.
//    node test.mjs slots.wasm NATIVE
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { load } from './slots.mjs';

const ask = await load(readFileSync(process.argv[2]));
// New York, Madrid; half an hour (Lord Howe), 45 minutes off (Chatham), at midnight (Santiago, Beirut), twice a year by Ramadan (Casablanca), none.
const zones = ['America/New_York', 'Europe/Madrid', 'Australia/Lord_Howe', 'Pacific/Chatham', 'America/Santiago', 'Asia/Beirut', 'Africa/Casablanca', 'Asia/Kolkata', 'UTC'];
const questions = ['Europe/Nowhere 2026-03-28 22:00 04:00 60', 'UTC 2026-13-01 09:00 17:00 60', 'UTC 2026-01-01 09:00 17:00 1', ''];
for (const zone of zones)
  for (let day = Date.UTC(2025, 0, 1); day < Date.UTC(2026, 0, 1); day += 7 * 86_400_000)
    for (const hours of ['22:00 04:00 60', '00:00 24:00 45', '01:30 02:30 15', '02:30 05:00 30']) questions.push(`${zone} ${new Date(day).toISOString().slice(0, 10)} ${hours}`);

const native = spawnSync(process.argv[3], { input: questions.join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 28 });
assert.equal(native.status, 0);
const wanted = native.stdout.split(/(?<=\n|^)\n/);
let slots = 0;
for (const [n, question] of questions.entries()) {
  const got = ask(question);
  assert.equal(got, wanted[n], question);
  slots += got.split('\n').length - 1;
}
console.log(`${questions.length} questions, ${slots} lines alike`);

// The page itself, as Chromium shows it.
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';
if (existsSync(chromium)) {
  const types = { html: 'text/html', mjs: 'text/javascript', wasm: 'application/wasm' };
  const files = Object.fromEntries(['index.html', 'slots.mjs', 'slots.wasm'].map((name) => [`/${name}`, readFileSync(join(dirname(process.argv[2]), name))]));
  const server = createServer(({ url }, response) => response.writeHead(files[url] ? 200 : 404, { 'Content-Type': types[url.split('.').pop()] ?? 'text/plain' }).end(files[url]));
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const profile = mkdtempSync(join(tmpdir(), 'slots-'));
  const { stdout } = await promisify(execFile)(chromium, ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`, '--virtual-time-budget=20000',
    '--dump-dom', `http://127.0.0.1:${server.address().port}/index.html`], { timeout: 60_000 });
  server.close();
  rmSync(profile, { recursive: true, force: true });
  assert.equal(stdout.match(/<output>([^<]*)</)[1], ask('America/New_York 2026-03-06 22:00 04:00 60'));
  console.log('the page shows them');
} else console.log('SKIPPED: the page, for want of Chromium');
