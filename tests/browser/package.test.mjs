// The package as others get it: its types, its files, its size.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { LIMIT } from "./harness.mjs";

const BROWSER = new URL("../../targets/browser/", import.meta.url);
const PACKAGE = new URL("pkg/", BROWSER);

/**
 * Kilobytes, gzipped, of everything that a page downloads. The goals are 260 with the store and 60
 * for core; these are what was reached, and they only go down.
 */
// The order of functions, and so what gzip makes of them, hangs on the folder that is built in: the
// same sources gave 331 and 341. Of either, 33 are what it takes to read the columns that hosts write,
// their dictionary included; 49 more of the store's are packs, tiers, and what is left of damaged logs.
// 13 of core's are packs as its vectors write and read them. Of the store's, redb is a good third, and what
// is ours not quite another. What was measured is 429 and 116; the rest is for the folder.
const STORE_KB_MAX = 442;
const CORE_KB_MAX = 120;

const run = promisify(execFile);

async function gzipped(...urls) {
  const bytes = await Promise.all(urls.map((url) => readFile(url)));
  return bytes.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0) / 1000;
}

test("types hold for a program that uses them", LIMIT, async () => {
  const compiler = fileURLToPath(new URL("node_modules/typescript/bin/tsc", BROWSER));
  const project = fileURLToPath(new URL(".", import.meta.url));
  await run(process.execPath, [compiler, "--project", project]).catch(({ stdout }) => assert.fail(stdout));
});

test("the package holds what it runs, and nothing else", LIMIT, async () => {
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json"], { cwd: BROWSER });
  const [{ files }] = JSON.parse(stdout);
  const names = files.map((file) => file.path).filter((name) => !name.endsWith(".d.ts"));
  for (const needed of ["pkg/index.js", "pkg/worker.js", "pkg/wasm/store_bg.wasm", "pkg/plugins/pii.core.wasm"]) {
    assert.ok(names.includes(needed), needed);
  }
  assert.deepEqual(names.filter((name) => !/^(package\.json|README\.md|pkg\/.*\.(js|json|wasm))$/.test(name)), []);
});

test("the package is small", LIMIT, async (test) => {
  const scripts = (await readdir(PACKAGE)).filter((name) => name.endsWith(".js"));
  const own = scripts.map((name) => new URL(name, PACKAGE));
  const store = await gzipped(new URL("wasm/store_bg.wasm", PACKAGE), new URL("wasm/store.js", PACKAGE), ...own);
  const vectors = new URL("pkg/", import.meta.url);
  const core = await gzipped(new URL("vectors_bg.wasm", vectors), new URL("vectors.js", vectors));
  const plugins = await readdir(new URL("plugins/", PACKAGE));
  const policy = await gzipped(...plugins.map((name) => new URL(`plugins/${name}`, PACKAGE)));
  const shown = (size) => `${size.toFixed(1)} KB`;
  test.diagnostic(`gzip: store, bindings and scripts ${shown(store)}; core with its vectors ${shown(core)}; pii ${shown(policy)}`);
  assert.ok(store <= STORE_KB_MAX, `${shown(store)} with the store, and ${STORE_KB_MAX} is the limit`);
  assert.ok(core <= CORE_KB_MAX, `${shown(core)} of core, and ${CORE_KB_MAX} is the limit`);
});
