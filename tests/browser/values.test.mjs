// What JavaScript's values become in the log, and what it refuses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMIT, inWorld, thrown } from "./harness.mjs";

test("values come back as they went in", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const [data, back] = await page.evaluate(async () => {
    const data = {
      text: "ü ⟦not·a·token⟧ \u0000 \n 😀",
      numbers: [0, -1, 1.5, 1e300, 2 ** 53 - 1, -(2 ** 53 - 1)],
      big: [2n ** 62n, -(2n ** 63n), 2n ** 64n - 1n, 10n ** 30n],
      empty: [{}, [], "", null],
      keys: { "a/b": 1, "a~b": 2, "a[0]": 3, "": 4, 0: 5, __proto__x: 6, constructor: 7 },
      deep: [[[[{ a: [null, true, false] }]]]],
    };
    Object.defineProperty(data.keys, "__proto__", { value: 8, enumerable: true });
    const trace = await mirror.trace({ agentId: "a" });
    await trace.observation("values", data);
    const { events } = await mirror.read(trace.id, { reveal: true });
    const shown = (value) => JSON.stringify(value, (_, it) => (typeof it === "bigint" ? `${it}n` : it));
    return [shown(data), shown(events[0].data)];
  });
  assert.equal(back, data);
}));

test("values that JSON would change are changed as JSON does", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const back = await page.evaluate(async () => {
    const data = { gone: undefined, list: [undefined, 1], date: new Date(0), zero: -0, lone: "\ud800" };
    const trace = await mirror.trace({ agentId: "a" });
    await trace.observation("values", data);
    return (await mirror.read(trace.id)).events[0].data;
  });
  assert.deepEqual(back, { list: [null, 1], date: "1970-01-01T00:00:00.000Z", zero: 0, lone: "\ufffd" });
}));

test("what has no place in a log is refused by name, and the next event goes on", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  await page.evaluate(async () => {
    globalThis.trace = await mirror.trace({ agentId: "a" });
    globalThis.circle = {};
    circle.self = circle;
  });
  const refused = async (work, pattern) => {
    const error = await thrown(page, work);
    assert.equal(error.code, "bad-value", error.message);
    assert.match(error.message, pattern);
  };
  await refused(() => trace.action("a", { x: NaN }), /\/parameters\/x/);
  await refused(() => trace.action("a", { x: [1, new Map()] }), /\/parameters\/x\[1\]/);
  await refused(() => trace.action("a", { x: () => 1 }), /cannot be recorded/);
  await refused(() => trace.action("a", { x: new Date(NaN) }), /invalid date/);
  await refused(() => trace.action("a", circle), /nested too deeply/);
  await refused(() => trace.action("a", { x: "x".repeat(9 << 20) }), /too large/);
  await refused(() => trace.action("a", new Uint8Array(3)), /no structured value/);
  await refused(() => trace.thought(7), /`content` must be a text/);
  await refused(() => mirror.trace({ agentId: "a", userId: 7 }), /`userId` must be a text/);
  // Every level twice as wide as the one above: 2^40 leaves.
  await refused(() => {
    let wide = "x";
    for (let level = 0; level < 40; level++) wide = [wide, wide];
    return trace.action("a", wide);
  }, /too large/);
  const events = await page.evaluate(async () => {
    await trace.thought("still here");
    return (await mirror.read(trace.id)).events.map((event) => event.content);
  });
  assert.deepEqual(events, ["still here"]);
}));

test("what is recorded is what the value was at the call", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const parameters = await page.evaluate(async () => {
    const trace = await mirror.trace({ agentId: "a" });
    const parameters = { n: 1 };
    const recorded = trace.action("a", parameters);
    parameters.n = 2;
    await recorded;
    return (await mirror.read(trace.id)).events[0].parameters;
  });
  assert.deepEqual(parameters, { n: 1 });
}));
