// No more room: an error that says so, nothing lost, and on it goes once there is room again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMIT, inWorld } from "./harness.mjs";

async function fill() {
  const stored = [];
  for (let n = 0; n < 400; n++) {
    // Random, so that no codec makes it small.
    const bytes = crypto.getRandomValues(new Uint8Array(30_000));
    try {
      await trace.observation(`part ${n}`, { bytes: Array.from(bytes, (byte) => byte.toString(16)).join("") });
      stored.push(n);
    } catch (error) {
      return { stored, code: error.code, message: error.message };
    }
  }
  return { stored };
}

test("a full disk is said, and what was acknowledged stays", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  await page.evaluate(async () => (globalThis.trace = await mirror.trace({ agentId: "a", userId: "ada" })));
  const devtools = await world.context.newCDPSession(page);
  const origin = new URL(world.url).origin;
  await devtools.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 6 << 20 });
  const { stored, code, message } = await page.evaluate(fill);
  assert.equal(code, "full", message);
  assert.match(message, /room/);
  assert.ok(stored.length > 0);
  const read = () => page.evaluate(async () => (await mirror.read(trace.id)).events.map((event) => event.content));
  assert.deepEqual(await read(), stored.map((n) => `part ${n}`));
  await devtools.send("Storage.overrideQuotaForOrigin", { origin });
  await page.evaluate(() => trace.thought("there is room again"));
  assert.equal((await read()).at(-1), "there is room again");
  const report = await page.evaluate(() => mirror.verify());
  assert.equal(report.ok, true, JSON.stringify(report));
}));
