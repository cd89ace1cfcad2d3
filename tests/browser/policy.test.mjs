// The policy pii in its own Worker: the same spans as on hosts, and a limit on whatever it does.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { LIMIT, inWorld, thrown } from "./harness.mjs";

const PLUGINS = new URL("../../targets/browser/pkg/plugins/", import.meta.url);

/** Tokens numbered in the order in which they come: which are equal is told, their digits are not. */
function numbered(value) {
  const known = new Map();
  return JSON.parse(
    JSON.stringify(value).replace(/·([0-9a-f]{6})⟧/g, (_, tag) => {
      if (!known.has(tag)) known.set(tag, known.size + 1);
      return `·${known.get(tag)}⟧`;
    }),
  );
}

/** Records the event through whichever call makes it. */
async function recordCase({ type, content, action, parameters }) {
  const trace = await mirror.trace({ agentId: "a", userId: "ada" });
  if (type === "action") await trace.action(action, parameters);
  else await trace[type](content);
  const read = async (options) => {
    const { events, verdicts } = await mirror.read(trace.id, options);
    const { outcome } = verdicts.find((verdict) => verdict.event_id === events[0].event_id);
    return { content: events[0].content, parameters: events[0].parameters, outcome };
  };
  return { masked: await read(), revealed: await read({ reveal: true }) };
}

test("the policy masks what it masks on hosts", LIMIT, inWorld(async (world) => {
  const cases = JSON.parse(await readFile(new URL("pii.json", import.meta.url)));
  const page = await world.open();
  for (const { shown, outcome, ...event } of cases) {
    const { masked, revealed } = await page.evaluate(recordCase, event);
    assert.equal(masked.outcome, outcome, JSON.stringify(event));
    const { outcome: _, ...told } = JSON.parse(JSON.stringify(numbered(masked)));
    assert.deepEqual(told, shown);
    if (outcome === "drop") continue;
    assert.deepEqual([revealed.content, revealed.parameters], [event.content, event.parameters]);
  }
}));

test("what is dropped is gone", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const { revealed } = await page.evaluate(recordCase, {
    type: "observation",
    content: "My card is 4111 1111 1111 1111, CVC 123, thanks.",
  });
  assert.equal(revealed.content, "My card is 4111 1111 1111 1111, CVC , thanks.");
}));

test("tokens tell equal originals of one person, and nothing else", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const [ada, again, bob] = await page.evaluate(async () => {
    const shown = async (userId) => {
      const trace = await mirror.trace({ agentId: "a", userId });
      await trace.thought("ada@example.org");
      return (await mirror.read(trace.id)).events[0].content;
    };
    return [await shown("ada"), await shown("ada"), await shown("bob")];
  });
  assert.match(ada, /^⟦email·[0-9a-f]{6}⟧$/);
  assert.equal(again, ada);
  assert.notEqual(bob, ada);
}));

test("messages are masked as events are, and reading originals is kept", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const { masked, revealed, records } = await page.evaluate(async () => {
    const session = await mirror.session({ userId: "ada" });
    await session.send("user", "I am ada@example.org");
    const count = async () => (await mirror.verify()).logs[0].records;
    const records = [await count()];
    const [masked] = await session.messages();
    records.push(await count());
    const [revealed] = await session.messages({ reveal: true });
    records.push(await count());
    return { masked, revealed, records };
  });
  assert.match(masked.content, /^I am ⟦email·[0-9a-f]{6}⟧$/);
  assert.equal(revealed.content, "I am ada@example.org");
  assert.deepEqual([masked.id, masked.timestamp], [revealed.id, revealed.timestamp]);
  assert.equal(records[1], records[0], "reading tokens leaves nothing");
  assert.equal(records[2], records[1] + 1, "reading originals leaves a notice");
}));

/** Modules as jco would make them, of plugins that break the contract. */
const HOSTILE = {
  "loops": ["decide() { for (;;) {} }", /took more than/],
  "recurses": ["decide() { return this.decide(); }", /RangeError/],
  "throws": ["decide() { throw new Error('no\\u202e'); }", /Error: no�$/],
  "says no": ["decide() { throw { payload: { tag: 'bad-config', val: 'allow' } }; }", /it says bad-config: allow/],
  "answers nothing": ["decide() {}", /TypeError/],
  "has too many verdicts": ["decide: () => ({ verdicts: [{ tag: 'allow' }, { tag: 'allow' }], state })", /2 verdicts on 1 events/],
  "has no verdict": ["decide: () => ({ verdicts: ['allow'], state })", /its verdict is none/],
  "marks beyond the text": ["decide: () => ({ verdicts: [mask(0, 1000, 'email')], state })", /its verdict is none/],
  "marks within a character": ["decide: () => ({ verdicts: [mask(0, 1, 'email')], state })", /its verdict is none/],
  "marks no place": ["decide: () => ({ verdicts: [mask(0, 2, 'email', 'leaf-value')], state })", /its verdict is none/],
  "has no plain category": ["decide: () => ({ verdicts: [mask(0, 2, '<b>')], state })", /its verdict is none/],
  "keeps too much": ["decide: () => ({ verdicts: [{ tag: 'allow' }], state: new Uint8Array(4097) })", /its state/],
  "never ends": ["decide: () => ({ verdicts: [{ tag: 'drop', val: [found(0, 2, 'a')] }], state })", /an end of what/],
  "writes without end": ["decide() { for (;;) imports['activemirror:plugin/log'].write('debug', 'a'); }", /4096 host calls/],
};

/** What is said of the plugin, with these kinds of events. */
function manifest(kinds) {
  return JSON.stringify({ name: "pii", version: "1.0.0", sha256: "0".repeat(64), ...kinds });
}

function hostile(decide) {
  return `export async function instantiate(compile, imports) {
    const state = new Uint8Array();
    const found = (start, end, category, tag = "content") =>
      ({ span: { place: { tag, val: 7 }, start, end }, category });
    const mask = (...all) => ({ tag: "mask", val: [found(...all)] });
    const inner = { ${decide} };
    const calm = { verdicts: [{ tag: "allow" }], state };
    // It shows what it is once the trace has begun.
    return { decide: (settings, before, point, events) => (point === "agent-startup" ? calm : inner.decide(before, point, events)) };
  }`;
}

test("a plugin that breaks the contract denies, masks all, and leaves the rest alone", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const text = "ü".repeat(20);
  for (const [what, [decide, reason]] of Object.entries(HOSTILE)) {
    world.instead = { "/activemirror/plugins/pii.js": hostile(decide) };
    await page.evaluate(() => mirror.close());
    await page.evaluate(async () => (globalThis.mirror = await ActiveMirror.open()));
    await page.evaluate(async () => (globalThis.trace = await mirror.trace({ agentId: "a", userId: "ada" })));
    const error = await thrown(page, (text) => trace.output(text, { note: { deep: [7] } }), text);
    assert.deepEqual([error.name, error.code, error.outcome], ["PolicyError", "stopped", "deny"], what);
    assert.match(error.message, /^policy pii failed: /, what);
    assert.match(error.message, reason, what);
    world.instead = {};
    const document = await page.evaluate(async () => {
      await mirror.close();
      globalThis.mirror = await ActiveMirror.open();
      const next = await mirror.trace({ agentId: "a", userId: "ada" });
      await next.output("the next one");
      return mirror.read(trace.id);
    });
    const [{ content, semantics }] = document.events;
    if (what !== "never ends") assert.match(content, /^⟦unchecked·[0-9a-f]{6}⟧$/, what);
    const outside = JSON.stringify([content, semantics]).replace(/⟦[^⟧]*⟧/g, "");
    assert.doesNotMatch(outside, /ü|deep|7/, what);
    const ruled = document.verdicts.find((verdict) => verdict.event_id === document.events[0].event_id);
    assert.equal(ruled.reason, error.message, what);
  }
}));

test("what a policy stops does not begin", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const deny = "export const instantiate = async () => ({ decide: () => ({ verdicts: [{ tag: 'deny', val: 'not today' }], state: new Uint8Array() }) });";
  world.instead = { "/activemirror/plugins/pii.js": deny };
  const stopped = ["PolicyError", "stopped", "not today"];
  const { name, code, message } = await thrown(page, () => mirror.trace({ agentId: "a" }));
  assert.deepEqual([name, code, message], stopped);
  const session = await thrown(page, () => mirror.session({ title: "a title" }));
  assert.deepEqual([session.name, session.code, session.message], stopped);
  world.instead = { "/activemirror/plugins/pii.js": undefined };
  await page.evaluate(() => mirror.close());
  await page.evaluate(async () => (globalThis.mirror = await ActiveMirror.open()));
  const missing = await thrown(page, () => mirror.trace({ agentId: "a" }));
  assert.equal(missing.code, "stopped");
  assert.match(missing.message, /its Worker|import|fetch/);
}));

test("what surrounds the events is masked too, and belongs to whom it belonged", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const told = await page.evaluate(async () => {
    const userId = "ada@example.org";
    const trace = await mirror.trace({ agentId: "a", userId, metadata: { phone: "+1 212 555 0147" } });
    await trace.action("write to ada@example.org");
    const { id } = await mirror.session({ title: "ring +1 212 555 0147", userId });
    const session = await mirror.resume(id);
    await session.send("user", "hello");
    await session.update({ status: "completed" });
    const masked = [await mirror.traces(), await mirror.sessions(), await mirror.read(trace.id)];
    const revealed = await mirror.read(trace.id, { reveal: true });
    const title = session.title;
    const erased = await mirror.erase(userId);
    return { masked: JSON.stringify(masked), revealed, title, erased, left: await mirror.sessions() };
  });
  assert.doesNotMatch(told.masked, /ada@|0147/);
  assert.match(told.title, /^ring ⟦phone·[0-9a-f]{6}⟧$/);
  assert.equal(told.revealed.user_id, "ada@example.org");
  assert.equal(told.revealed.events[0].action, "write to ada@example.org");
  assert.equal(told.revealed.metadata.phone, "+1 212 555 0147");
  assert.ok(told.erased >= 4, "the message and the change of the resumed session were ada's as well");
  assert.deepEqual(told.left, []);
}));

test("a plugin that took too long is started anew", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  world.instead = { "/activemirror/plugins/pii.js": hostile("decide() { for (;;) {} }") };
  await page.evaluate(async () => (globalThis.trace = await mirror.trace({ agentId: "a" })));
  assert.equal((await thrown(page, () => trace.thought("one"))).code, "stopped");
  world.instead = {};
  const outcome = await page.evaluate(async () => (await trace.thought("two")).outcome);
  assert.equal(outcome, "allow");
}));

test("a policy is asked about what it looks at, and nothing else", LIMIT, inWorld(async (world) => {
  world.instead = {
    "/activemirror/plugins/pii.js": hostile("decide() { throw new Error('asked'); }"),
    "/activemirror/plugins/pii.json": manifest({ looksAt: ["output"], rulesOn: ["output"] }),
  };
  const page = await world.open();
  await page.evaluate(async () => (globalThis.trace = await mirror.trace({ agentId: "a" })));
  assert.equal(await page.evaluate(async () => (await trace.thought("one")).outcome), "allow");
  assert.match((await thrown(page, () => trace.output("two"))).message, /asked/);
}));

test("a policy stops nothing that it does not rule on", LIMIT, inWorld(async (world) => {
  const denies = "decide(state, point, events) { return { verdicts: events.map(() => ({ tag: 'deny', val: 'no' })), state }; }";
  world.instead = {
    "/activemirror/plugins/pii.js": hostile(denies),
    "/activemirror/plugins/pii.json": manifest({ looksAt: ["output", "thought"], rulesOn: ["output"] }),
  };
  const page = await world.open();
  const begin = () => page.evaluate(async () => (globalThis.trace = await mirror.trace({ agentId: "a" })));
  await begin();
  assert.match((await thrown(page, () => trace.thought("one"))).message, /does not rule on/);
  await begin();
  assert.equal((await thrown(page, () => trace.output("two"))).message, "no");
}));

test("a policy's state is found again by the next leader", LIMIT, inWorld(async (world) => {
  const counts = `decide(before, point, events) {
    const all = events.map(({ content }) => content);
    const state = new TextEncoder().encode(new TextDecoder().decode(before) + all.join(""));
    const ask = { tag: "deny", val: "seen: " + new TextDecoder().decode(before) };
    return { verdicts: all.map((content) => (content === "?" ? ask : { tag: "allow" })), state };
  }`;
  world.instead = { "/activemirror/plugins/pii.js": hostile(counts) };
  const leading = await world.open();
  const page = await world.open();
  await page.evaluate(async () => {
    globalThis.trace = await mirror.trace({ agentId: "a" });
    await trace.thought("a");
    await trace.output("b");
    await trace.output("c");
  });
  await leading.close();
  assert.equal((await thrown(page, () => trace.thought("?"))).message, "seen: abc");
  // Answers that were stopped count as well: they were tried.
  assert.equal((await thrown(page, () => trace.thought("?"))).message, "seen: abc?");
}));

test("a plugin's memory has an end", LIMIT, async () => {
  const names = (await readdir(PLUGINS)).filter((name) => name.endsWith(".wasm"));
  const memories = [];
  for (const name of names) {
    const module = await WebAssembly.compile(await readFile(new URL(name, PLUGINS)));
    const exported = WebAssembly.Module.exports(module).find((it) => it.kind === "memory");
    if (!exported) continue;
    const imports = {};
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      assert.equal(kind, "function");
      (imports[from] ??= {})[name] = () => {};
    }
    const { exports } = await WebAssembly.instantiate(module, imports);
    memories.push(exports[exported.name]);
  }
  assert.equal(memories.length, 1);
  const [memory] = memories;
  const pages = memory.buffer.byteLength / 65_536;
  assert.equal(memory.grow(1024 - pages), pages);
  assert.throws(() => memory.grow(1), RangeError);
});
