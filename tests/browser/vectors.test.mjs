// One truth: the browser computes the same bytes as every other machine.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { LIMIT, inWorld } from "./harness.mjs";

test("golden vectors", LIMIT, inWorld(async (world) => {
  const page = await world.tab("vectors.html");
  const computed = await page.evaluate(() => computed());
  const text = await readFile(new URL("../vectors/golden.txt", import.meta.url), "utf8");
  const golden = text.split("\n").filter((line) => line !== "");
  assert.deepEqual(computed, golden);
  assert.ok(golden.length > 30, `${golden.length} vectors`);
}));
