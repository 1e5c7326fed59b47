import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import express from "express";
import { Hono } from "hono";
import { serve } from "@hono/node-server";
import { fetchHandler, nodeHandler, OrkestrError, Platform, verifyWebhook } from "orkestr";

/** The next Monday that is at least a week away. */
const monday = new Date(Date.now() + 7 * 86_400_000);
monday.setUTCDate(monday.getUTCDate() + ((8 - monday.getUTCDay()) % 7));
const date = monday.toISOString().slice(0, 10);

async function business(platform) {
  const { tenant, apiKey } = await platform.createTenant({ name: "Atlas", subdomain: "atlas" });
  const loft = await platform.request(apiKey, "POST", "/v1/api/offerings", {
    title: "Loft", productTypeKey: "space", basePriceCents: 12000, currency: "USD", status: "PUBLISHED", timeZone: "UTC", autoApprove: true,
  });
  await platform.request(apiKey, "POST", `/v1/provider/offerings/${loft.id}/availability/rules`, { dayOfWeek: 1, startTime: "09:00", endTime: "12:00", slotMinutes: 60, capacity: 2 });
  const booking = { offeringId: loft.id, startsAt: `${date}T10:00:00Z`, endsAt: `${date}T11:00:00Z`, quantity: 1, customer: { name: "Ada", email: "ada@example.com" } };
  return { tenant, apiKey, loft, booking };
}

for (const kind of ["memory", "sqlite"])
  test(`a slot is booked as often as there is room (${kind})`, async () => {
    const folder = await mkdtemp(join(tmpdir(), "orkestr-node-"));
    let told = 0;
    const platform = new Platform(kind === "memory" ? "memory:" : join(folder, "orkestr.db"), { onEvents: () => ++told });
    const { tenant, apiKey, booking } = await business(platform);
    if (kind === "sqlite") assert.throws(() => new Platform(join(folder, "orkestr.db")), { code: "store_locked" });
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => platform.request(apiKey, "POST", "/v1/api/bookings", booking)));
    assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 2);
    for (const { reason } of answers.filter(({ status }) => status === "rejected")) assert.ok(reason instanceof OrkestrError && reason.code === "slot_unavailable");
    const events = await platform.events(tenant.id);
    assert.equal(events.filter(({ event }) => event === "booking.created").length, 2);
    assert.deepEqual(await platform.events(tenant.id, events.at(-1).id), []);
    assert.equal((await platform.runDue()).completedBookings, 0);
    while (told === 0) await new Promise((done) => setTimeout(done, 5));
    const last = platform.runDue();
    await platform.close(); // what is under way ends
    await last;
    await assert.rejects(platform.runDue(), /closed/);
    await rm(folder, { recursive: true });
  });

test("the event loop goes on while a key is hashed", async () => {
  const platform = new Platform();
  let turns = 0;
  const timer = setInterval(() => ++turns, 1);
  await platform.createTenant({ name: "Atlas", subdomain: "atlas" });
  clearInterval(timer);
  assert.ok(turns >= 5, `${turns} turns`);
  await platform.close();
});

/** What came, and the rest of the answer is the test's. */
async function receiver(answer) {
  const came = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    came.push({ headers: request.headers, body: Buffer.concat(parts) });
    answer(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { came, server, url: `http://127.0.0.1:${server.address().port}/pms` };
}
const comes = async (what) => {
  for (let i = 0; i < 1000 && !(await what()); ++i) await new Promise((done) => setTimeout(done, 10));
  assert.ok(await what());
};
const secrets = Buffer.alloc(32, 7).toString("base64");

test("webhooks are sent, signed and in order", async () => {
  const { came, server, url } = await receiver((response) => response.writeHead(204).end());
  const platform = new Platform("memory:", { secrets, allowLoopback: true });
  const { apiKey, booking } = await business(platform);
  const { id, secret } = await platform.request(apiKey, "POST", "/v1/provider/webhooks", { url, events: ["booking.*"] });
  const made = await platform.request(apiKey, "POST", "/v1/api/bookings", booking);
  await platform.request(apiKey, "POST", `/v1/api/bookings/${made.id}/approve`);
  await comes(() => came.length === 2);
  const events = came.map(({ headers, body }) => {
    assert.equal(verifyWebhook(body, headers, secret).deliveryId, headers["webhook-id"]);
    return JSON.parse(body).event;
  });
  assert.deepEqual(events, ["booking.created", "booking.confirmed"]);
  await comes(async () => (await platform.request(apiKey, "GET", `/v1/provider/webhooks/${id}/deliveries?status=SUCCEEDED`)).data.length === 2);
  await platform.close();
  server.closeAllConnections();
  server.close();
});

test("webhooks are left to others, and lead inside for nobody", async () => {
  const platform = new Platform("memory:", { secrets, webhooks: false });
  const { apiKey } = await business(platform);
  const inside = { url: "http://127.0.0.1:9/", events: ["*"] };
  await assert.rejects(platform.request(apiKey, "POST", "/v1/provider/webhooks", inside), { status: 422 });
  const { id } = await platform.request(apiKey, "POST", "/v1/provider/webhooks", { url: "https://pms.example/", events: ["*"] });
  await platform.request(apiKey, "POST", `/v1/provider/webhooks/${id}/test`);
  await new Promise((done) => setTimeout(done, 1500));
  const [delivery] = (await platform.request(apiKey, "GET", `/v1/provider/webhooks/${id}/deliveries`)).data;
  assert.equal(delivery.status, "PENDING");
  assert.equal(delivery.attempts, 0);
  await platform.close();
});

test("closing waits for a delivery off the event loop", async () => {
  const held = [];
  const { came, server, url } = await receiver((response) => held.push(response));
  const platform = new Platform("memory:", { secrets, allowLoopback: true });
  const { apiKey } = await business(platform);
  const { id } = await platform.request(apiKey, "POST", "/v1/provider/webhooks", { url, events: ["*"] });
  await platform.request(apiKey, "POST", `/v1/provider/webhooks/${id}/test`);
  await comes(() => came.length === 1);
  let closed = false;
  const closing = platform.close().then(() => (closed = true));
  await new Promise((done) => setTimeout(done, 200)); // the loop turns, and answers
  assert.equal(closed, false);
  held[0].writeHead(204).end();
  await closing;
  server.closeAllConnections();
  server.close();
});

test("a process ends with a platform that is open", () => {
  const script = `import { Platform } from "orkestr"; await new Platform("memory:", { secrets: "${secrets}", onEvents() {} }).createTenant({ name: "Atlas", subdomain: "atlas" });`;
  const { status, signal, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8", timeout: 30_000 });
  assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: "" });
});

/** The same walk, wherever the API stands. */
async function walk(base, { apiKey, booking, loft }) {
  const headers = { authorization: `Bearer ${apiKey}` };
  const found = await fetch(`${base}/v1/api/offerings?limit=1`, { headers });
  assert.equal(found.status, 200);
  assert.equal((await found.json()).data[0].id, loft.id);
  const made = await fetch(`${base}/v1/api/bookings`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(booking) });
  assert.equal(made.status, 201);
  assert.ok(made.headers.get("location"));
  const nobody = await fetch(`${base}/v1/api/me`);
  assert.equal(nobody.status, 401);
  assert.equal((await nobody.json()).code, "unauthenticated");
  const head = await fetch(`${base}/v1/api/me`, { method: "HEAD", headers });
  assert.equal(await head.text(), "");
  assert.equal((await fetch(`${base}/v1/public/atlas/offerings/caf%C3%A9`)).status, 404);
  const long = await fetch(`${base}/v1/api/bookings`, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: Buffer.alloc(51 * 1024 * 1024, " ") });
  assert.equal(long.status, 413);
}

test("Express has the API below a path", async () => {
  const platform = new Platform();
  const made = await business(platform);
  const app = express();
  app.get("/", (_, response) => response.send("the host's own"));
  app.use("/booking", nodeHandler(platform));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
  assert.equal(await (await fetch(origin)).text(), "the host's own");
  await walk(`${origin}/booking`, made);
  server.closeAllConnections();
  server.close();
  await platform.close();
});

test("Hono has the API below a path", async () => {
  const platform = new Platform();
  const made = await business(platform);
  const app = new Hono();
  const booking = fetchHandler(platform, { base: "/booking" });
  app.all("/booking/*", (c) => booking(c.req.raw));
  const server = serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1", createServer });
  if (!server.listening) await once(server, "listening");
  await walk(`http://127.0.0.1:${server.address().port}/booking`, made);
  server.closeAllConnections();
  server.close();
  await platform.close();
});
