// The main job: a page records, reloads, and reads back what the log proves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMIT, inWorld, open, thrown } from "./harness.mjs";

/** Records a trace with an event of each kind. */
async function recordTrace() {
  const trace = await mirror.trace({ agentId: "support", sessionId: "s-1", userId: "ada", metadata: { run: 7 } });
  const receipts = [
    await trace.observation("Where is my parcel?", undefined, { source: "user" }),
    await trace.thought("Look it up first.", { intent: "order_status", confidence: 0.8, citations: [{ source: "faq" }] }),
    await trace.action("find_order", { order: "A-17", items: [1, { n: 2 }], empty: {}, none: [] }),
    await trace.observation("found", { status: "on its way", days: 2.5, express: false, note: null }),
    await trace.decision("answer", { confidence: 0.9, reasoning: "the order is known", factors: ["age", "route"] }),
    await trace.error("the mail server did not answer", { severity: "low", recoverable: true }),
    await trace.output("It arrives in two days."),
  ];
  await trace.end();
  return { id: trace.id, receipts };
}

/** Without what differs between runs: ids and times. */
function told({ event_id, timestamp, ...event }) {
  return event;
}

const EVENTS = [
  { type: "observation", content: "Where is my parcel?", metadata: { source: "user" } },
  {
    type: "thought",
    content: "Look it up first.",
    semantics: { intent: "order_status", confidence: 0.8, citations: [{ source: "faq" }] },
  },
  { type: "action", action: "find_order", parameters: { order: "A-17", items: [1, { n: 2 }], empty: {}, none: [] } },
  { type: "observation", content: "found", data: { status: "on its way", days: 2.5, express: false, note: null } },
  {
    type: "decision",
    content: "answer",
    semantics: { confidence: 0.9, reasoning: "the order is known", factors: ["age", "route"] },
  },
  {
    type: "error",
    content: "the mail server did not answer",
    semantics: { severity: "low", recoverable: true },
  },
  { type: "output", content: "It arrives in two days." },
];

async function assertTrace(page, id) {
  const document = await page.evaluate((id) => mirror.read(id), id);
  assert.deepEqual(document.events.map(told), EVENTS);
  const { trace_id, agent_id, session_id, user_id, metadata } = document;
  assert.deepEqual(
    { trace_id, agent_id, session_id, user_id, metadata },
    { trace_id: id, agent_id: "support", session_id: "s-1", user_id: "ada", metadata: { run: 7 } },
  );
  assert.equal(document.verdicts.length, 1 + EVENTS.length, "the start and every event have their verdict");
  assert.ok(document.verdicts.every((verdict) => /^pii@/.test(verdict.policy) && verdict.unmetered));
  assert.deepEqual(document.verdicts.slice(1).map((verdict) => verdict.event_id), document.events.map((event) => event.event_id));
}

async function assertVerified(page) {
  const report = await page.evaluate(() => mirror.verify());
  assert.equal(report.ok, true, JSON.stringify(report));
  const [log] = report.logs;
  assert.equal(log.recomputed, log.records);
  assert.equal(log.covered, log.blocks);
  assert.ok(log.records > 0);
  return log;
}

test("a trace survives a reload and a restart of the browser", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const before = Date.now();
  const { id, receipts } = await page.evaluate(recordTrace);
  assert.deepEqual(receipts.map((receipt) => receipt.eventId), EVENTS.map((_, n) => `evt_00${n + 1}`));
  assert.ok(receipts.every((receipt, n) => n === 0 || receipt.sequence > receipts[n - 1].sequence));
  await assertTrace(page, id);

  await page.reload();
  await page.waitForFunction(() => globalThis.ready);
  await open(page);
  await assertTrace(page, id);
  const log = await assertVerified(page);

  await world.restart();
  const later = await world.open();
  await assertTrace(later, id);
  assert.deepEqual(await assertVerified(later), log);
  const [line] = await later.evaluate(() => mirror.traces());
  assert.equal(line.trace_id, id);
  const began = Date.parse(line.timestamp);
  assert.ok(began >= before && began <= Date.now());
  assert.deepEqual(later.problems, []);
}));

test("a session goes on after a restart, in another tab", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const id = await page.evaluate(async () => {
    const session = await mirror.session({ title: "A parcel", userId: "ada", metadata: { channel: "web" } });
    await session.send("system", "You are brief.");
    await session.send("user", "Where is it?", { client: "phone" });
    await session.update({ status: "paused" });
    return session.id;
  });
  await world.restart();
  const later = await world.open();
  const { messages, sessions, status } = await later.evaluate(async (id) => {
    const session = await mirror.resume(id);
    const { status } = session;
    await session.send("assistant", "On its way.");
    await session.update({ status: "completed", title: "A parcel, found" });
    return { messages: await session.messages(), sessions: await mirror.sessions(), status };
  }, id);
  assert.equal(status, "paused");
  const said = messages.map(({ role, content, metadata, sessionId }) => ({ role, content, metadata, sessionId }));
  assert.deepEqual(said, [
    { role: "system", content: "You are brief.", metadata: undefined, sessionId: id },
    { role: "user", content: "Where is it?", metadata: { client: "phone" }, sessionId: id },
    { role: "assistant", content: "On its way.", metadata: undefined, sessionId: id },
  ]);
  const own = await later.evaluate((id) => mirror.read(id), id);
  assert.deepEqual([own.agent_id, own.session_id, own.user_id, own.events.length], ["session", id, "ada", 3]);
  assert.equal(sessions.length, 1);
  const { title, userId, metadata, status: ended } = sessions[0];
  assert.deepEqual(
    { title, userId, metadata, ended },
    { title: "A parcel, found", userId: "ada", metadata: { channel: "web" }, ended: "completed" },
  );
  await assertVerified(later);
}));

test("a trace belongs to its session's user", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const user = await page.evaluate(async () => {
    const session = await mirror.session({ userId: "ada" });
    const trace = await mirror.trace({ agentId: "support", sessionId: session.id });
    await trace.thought("hers");
    return (await mirror.read(trace.id)).user_id;
  });
  assert.equal(user, "ada");
}));

test("erasing a person leaves everybody else, and the proof", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const { hers, his, blocks } = await page.evaluate(async () => {
    const ids = [];
    for (const userId of ["ada", "bob"]) {
      const trace = await mirror.trace({ agentId: "support", userId });
      await trace.thought(`about ${userId}`);
      ids.push(trace.id);
    }
    const blocks = await mirror.erase("ada");
    return { hers: await mirror.read(ids[0], { reveal: true }), his: await mirror.read(ids[1]), blocks };
  });
  assert.ok(blocks > 0);
  assert.deepEqual(hers.events.map(told), [{ type: "thought", erased: true }]);
  assert.equal(hers.user_id, undefined);
  assert.deepEqual(his.events.map(told), [{ type: "thought", content: "about bob" }]);
  const log = (await page.evaluate(() => mirror.verify())).logs[0];
  assert.equal(log.fault, undefined);
  assert.ok(log.erased >= 2);
  const error = await thrown(page, () => mirror.erase("nobody"));
  assert.equal(error.code, "unknown");
}));

test("what is not there is an error that says so", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const trace = await thrown(page, () => mirror.read("no-such-trace"));
  assert.deepEqual([trace.name, trace.code], ["ActiveMirrorError", "unknown"]);
  assert.match(trace.message, /no-such-trace/);
  assert.equal((await thrown(page, () => mirror.read("no-such-trace", { reveal: true }))).code, "unknown");
  assert.equal((await thrown(page, () => mirror.resume("no-such-session"))).code, "unknown");
  assert.equal((await thrown(page, () => ActiveMirror.open({ name: "../up" }))).code, "bad-value");
  const ended = await thrown(page, async () => {
    const trace = await mirror.trace({ agentId: "a" });
    await trace.end();
    await trace.thought("too late");
  });
  assert.equal(ended.code, "closed");
  const closed = await thrown(page, async () => {
    await mirror.close();
    await mirror.traces();
  });
  assert.equal(closed.code, "closed");
}));
