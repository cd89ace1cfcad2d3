// Several tabs, one store: whoever leads may go at any moment, and nothing acknowledged goes with it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMIT, inWorld, thrown } from "./harness.mjs";

/** Acknowledged events by tab, as each tab reported them while it lived. */
class Ledger {
  acked = new Map();

  async listen(page, tab) {
    this.acked.set(tab, []);
    await page.exposeFunction("acked", (n) => this.acked.get(tab).push(n));
  }

  count(tab) {
    return this.acked.get(tab).length;
  }

  async until(tab, count) {
    while (this.count(tab) < count) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Records numbered events, some under way at once, until told to stop or all are stored. */
async function record({ tab, total }) {
  const trace = await mirror.trace({ agentId: tab, userId: tab });
  globalThis.traceId = trace.id;
  globalThis.failures = [];
  const one = async (n) => {
    try {
      await trace.observation(`${tab} ${n}`, { n });
      await acked(n);
    } catch (error) {
      failures.push(error.message);
    }
  };
  const window = new Set();
  globalThis.recording = (async () => {
    for (let n = 0; n < total && !globalThis.enough; n++) {
      const sent = one(n).finally(() => window.delete(sent));
      window.add(sent);
      if (window.size >= 8) await Promise.race(window);
    }
    await Promise.all(window);
  })();
  return trace.id;
}

const numbers = (document) => document.events.map((event) => event.data.n);

/** The trace holds 0, 1, 2 … without gap, double or disorder, and all that was acknowledged. */
function assertWhole(document, acked, what) {
  const stored = numbers(document);
  assert.deepEqual(stored, stored.map((_, n) => n), `${what}: in order, each once`);
  const lost = acked.filter((n) => n >= stored.length);
  assert.deepEqual(lost, [], `${what}: nothing acknowledged is lost`);
}

async function leader(pages) {
  for (;;) {
    const leads = await Promise.all(pages.map((page) => page.evaluate(() => mirror.leads)));
    if (leads.includes(true)) return pages[leads.indexOf(true)];
  }
}

async function assertVerified(page) {
  const report = await page.evaluate(() => mirror.verify());
  assert.equal(report.ok, true, JSON.stringify(report));
}

/** Two tabs record; the leading one goes midway, in the given way; the other goes on. */
function goesMidway(go) {
  return inWorld(async (world) => {
    const total = 400;
    const ledger = new Ledger();
    const pages = { a: await world.open(), b: await world.open() };
    const traces = {};
    for (const [tab, page] of Object.entries(pages)) {
      await ledger.listen(page, tab);
      traces[tab] = await page.evaluate(record, { tab, total });
    }
    assert.equal(await leader([pages.a, pages.b]), pages.a, "the first tab leads");
    await Promise.all([ledger.until("a", 40), ledger.until("b", 40)]);
    await go(pages.a, world);
    await ledger.until("b", total);
    await pages.b.evaluate(() => recording);
    const [a, b, failures] = await pages.b.evaluate(async ({ a, b }) => {
      return [await mirror.read(a), await mirror.read(b), failures];
    }, traces);
    assert.deepEqual(failures, []);
    assert.ok(ledger.count("a") < total, "it went midway");
    assertWhole(a, ledger.acked.get("a"), "the tab that went");
    assertWhole(b, ledger.acked.get("b"), "the tab that stayed");
    assert.equal(b.events.length, total);
    await assertVerified(pages.b);
  });
}

test("two tabs at once lose nothing", LIMIT, inWorld(async (world) => {
  const total = 200;
  const ledger = new Ledger();
  const tabs = ["a", "b"];
  const pages = await Promise.all(tabs.map(() => world.open()));
  await Promise.all(pages.map((page, n) => ledger.listen(page, tabs[n])));
  const traces = await Promise.all(pages.map((page, n) => page.evaluate(record, { tab: tabs[n], total })));
  await Promise.all(pages.map((page) => page.evaluate(() => recording)));
  for (const reader of pages) {
    for (const [n, trace] of traces.entries()) {
      const document = await reader.evaluate((id) => mirror.read(id), trace);
      assertWhole(document, ledger.acked.get(tabs[n]), tabs[n]);
      assert.equal(document.events.length, total);
    }
  }
  const leads = await Promise.all(pages.map((page) => page.evaluate(() => mirror.leads)));
  assert.deepEqual(leads.sort(), [false, true]);
  await assertVerified(pages[0]);
  pages.forEach((page) => assert.deepEqual(page.problems, []));
}));

test("the leading tab is closed midway", LIMIT, goesMidway((page) => page.close()));

test("the leading tab crashes midway", LIMIT, goesMidway(async (page, world) => {
  const crashed = page.waitForEvent("crash");
  const devtools = await world.context.newCDPSession(page);
  devtools.send("Page.crash").catch(() => undefined);
  await crashed;
}));

test("the leading tab is reloaded midway", LIMIT, goesMidway((page) => page.reload()));

test("the leading tab closes its mirror midway", LIMIT, goesMidway((page) => page.evaluate(() => mirror.close())));

test("the leading tab's Worker is replaced midway", LIMIT, inWorld(async (world) => {
  const total = 300;
  const ledger = new Ledger();
  const page = await world.open();
  await ledger.listen(page, "a");
  const trace = await page.evaluate(record, { tab: "a", total });
  for (const acked of [20, 80, 140]) {
    await ledger.until("a", acked);
    const worker = page.workers().find((worker) => worker.url().endsWith("/worker.js"));
    // It stores some more but its answers get lost, and then it says what a Worker says after a trap.
    await worker.evaluate(() => {
      globalThis.lost = 0;
      BroadcastChannel.prototype.postMessage = () => void lost++;
    });
    while ((await worker.evaluate(() => lost)) < 4);
    await worker.evaluate(() => self.postMessage("broken"));
  }
  await page.evaluate(() => recording);
  assert.deepEqual(await page.evaluate(() => failures), []);
  const document = await page.evaluate((id) => mirror.read(id), trace);
  assertWhole(document, ledger.acked.get("a"), "the tab");
  assert.equal(document.events.length, total);
  await assertVerified(page);
}));

test("one leader after the other goes, and a session misses no message", LIMIT, inWorld(async (world) => {
  const last = await world.tab();
  const others = [];
  for (let n = 0; n < 3; n++) others.push(await world.open());
  await last.evaluate(async () => {
    globalThis.mirror = await ActiveMirror.open();
    globalThis.session = await mirror.session({ userId: "ada" });
    globalThis.sent = [];
    globalThis.sending = (async () => {
      for (let n = 0; n < 120; n++) {
        await session.send("user", `message ${n}`);
        sent.push(n);
      }
    })();
  });
  for (const page of others) {
    const before = await last.evaluate(() => sent.length);
    await last.waitForFunction((before) => sent.length > before + 10, before);
    await page.close();
  }
  const messages = await last.evaluate(async () => {
    await sending;
    return session.messages();
  });
  assert.deepEqual(messages.map((message) => message.content), Array.from({ length: 120 }, (_, n) => `message ${n}`));
  assert.equal(await last.evaluate(() => mirror.leads), true);
  await assertVerified(last);
}));

test("a request that comes again is stored once", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const { answers, document, session, grown } = await page.evaluate(async () => {
    const presence = new BroadcastChannel("activemirror/1/default");
    const leader = await new Promise((resolve) => {
      presence.onmessage = ({ data }) => data.leader && resolve(data.leader);
      presence.postMessage({ ask: true });
    });
    const requests = new BroadcastChannel(`activemirror/1/default/${leader}`);
    const replies = new BroadcastChannel("activemirror/1/default/tester");
    const send = (request) =>
      new Promise((resolve) => {
        replies.onmessage = ({ data }) => resolve(data);
        requests.postMessage({ from: "tester", ...request });
      });
    const trace = { traceId: "t-1", agentId: "a", userId: "ada" };
    const now = Date.now();
    const head = { id: "s-1", title: "t", status: "active", createdAt: "c", updatedAt: "u", time: now };
    const message = { sessionId: "s-1", id: "m-1", role: "user", content: "hi", timestamp: "t", time: now };
    const asks = [
      { op: "start", start: { ...trace, timestamp: now } },
      { op: "event", event: { trace, eventId: "e-1", type: "thought", timestamp: now, content: "once" } },
      { op: "head", head },
      { op: "message", message },
      { op: "read", trace: "t-1", reveal: true },
    ];
    const answers = [];
    for (const [id, ask] of asks.entries()) {
      answers.push([await send({ id, ask, again: false }), await send({ id, ask, again: true })]);
    }
    const { records } = (await mirror.verify()).logs[0];
    for (const [id, ask] of asks.entries()) await send({ id, ask, again: true });
    const after = (await mirror.verify()).logs[0].records;
    const session = await (await mirror.resume("s-1")).messages();
    return { answers, document: await mirror.read("t-1"), session, grown: after - records };
  });
  for (const [first, again] of answers) assert.deepEqual(again, first);
  assert.equal(grown, 0, "no record was added");
  assert.equal(document.events.length, 1);
  assert.equal(session.length, 1);
}));

test("a store that another tab has open is not forgotten", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  assert.equal((await thrown(page, () => ActiveMirror.forget())).code, "held");
  const traces = await page.evaluate(async () => {
    await (await mirror.trace({ agentId: "a" })).thought("gone soon");
    await mirror.close();
    await ActiveMirror.forget();
    globalThis.mirror = await ActiveMirror.open();
    return mirror.traces();
  });
  assert.deepEqual(traces, []);
}));

test("stores of other names are other stores", LIMIT, inWorld(async (world) => {
  const page = await world.open("one");
  const traces = await page.evaluate(async () => {
    await mirror.trace({ agentId: "a" });
    const other = await ActiveMirror.open({ name: "two" });
    return [(await mirror.traces()).length, (await other.traces()).length];
  });
  assert.deepEqual(traces, [1, 0]);
}));
