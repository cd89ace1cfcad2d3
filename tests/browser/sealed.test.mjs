// What lies on the disk, and what opens it.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { LIMIT, inWorld, open, thrown } from "./harness.mjs";

/** What must not be found: texts, names and ids of every kind that a store holds. */
async function recordSecrets() {
  const session = await mirror.session({ title: "quince-title", userId: "quince-user" });
  await session.send("user", "quince-message", { "quince-metadata": "quince-value" });
  const trace = await mirror.trace({ agentId: "quince-agent", sessionId: session.id, metadata: "quince-meta" });
  await trace.thought("quince-thought and mail to quince@example.org", { intent: "quince-intent" });
  await trace.action("quince-action", { "quince-key": "quince-parameter" });
  await trace.observation("quince-observation", ["quince-datum"]);
  return { secrets: ["quince", trace.id, session.id], trace: trace.id };
}

/** Both files' bytes, by name. */
async function files() {
  const bytes = {};
  const root = await navigator.storage.getDirectory();
  const folder = await (await root.getDirectoryHandle("activemirror")).getDirectoryHandle("default");
  for await (const [name, handle] of folder) {
    bytes[name] = [...new Uint8Array(await (await handle.getFile()).arrayBuffer())];
  }
  return bytes;
}

/** Puts other bytes into a file; nothing where it is to be removed. */
async function put({ name, bytes }) {
  const root = await navigator.storage.getDirectory();
  const folder = await (await root.getDirectoryHandle("activemirror")).getDirectoryHandle("default");
  if (!bytes) return folder.removeEntry(name);
  const writable = await (await folder.getFileHandle(name)).createWritable();
  await writable.write(new Uint8Array(bytes));
  return writable.close();
}

/** Runs a request on what IndexedDB holds of the root keys. */
function keys(page, mode, work) {
  return page.evaluate(`new Promise((resolve, reject) => {
    const opening = indexedDB.open("activemirror");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction("keys", "${mode}");
      const request = (${work})(transaction.objectStore("keys"));
      transaction.oncomplete = () => { opening.result.close(); globalThis.kept = request.result; resolve(); };
      transaction.onabort = () => reject(transaction.error);
    };
  })`);
}

/** Every file under a folder that holds a needle, in UTF-8 or UTF-16. */
async function search(folder, needles) {
  const sought = needles.flatMap((text) => [Buffer.from(text), Buffer.from(text, "utf16le")]);
  const found = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath ?? entry.path, entry.name));
    if (sought.some((needle) => bytes.includes(needle))) found.push(entry.name);
  }
  return found;
}

test("nothing of a conversation lies on the disk in clear", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const { secrets, trace } = await page.evaluate(recordSecrets);
  const revealed = await page.evaluate((id) => mirror.read(id, { reveal: true }), trace);
  assert.match(JSON.stringify(revealed), /quince@example.org/);
  await page.evaluate(() => mirror.close());
  const stored = await page.evaluate(files);
  assert.deepEqual(Object.keys(stored).sort(), ["log.redb", "subjects.keys"]);
  for (const [name, bytes] of Object.entries(stored)) {
    const file = Buffer.from(bytes);
    for (const secret of secrets) assert.ok(!file.includes(secret), `${name} holds ${secret}`);
  }
  // What lies unsealed in the same place would be found.
  await page.evaluate(async () => {
    const file = await (await navigator.storage.getDirectory()).getFileHandle("control", { create: true });
    const writable = await file.createWritable();
    await writable.write("medlar in clear");
    await writable.close();
  });
  await world.stop();
  assert.equal((await search(world.profile, ["medlar"])).length, 1);
  assert.deepEqual(await search(world.profile, secrets), []);
}));

test("the root key's wrapping key is not given out", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  await keys(page, "readonly", (all) => all.get("default"));
  const seen = await page.evaluate(async () => {
    const { wrapping, wrapped, ...rest } = kept;
    const named = (promise) => promise.then(() => "exported", (error) => error.name);
    return {
      type: wrapping.type,
      extractable: wrapping.extractable,
      raw: await named(crypto.subtle.exportKey("raw", wrapping)),
      jwk: await named(crypto.subtle.exportKey("jwk", wrapping)),
      wrapped: wrapped.byteLength,
      others: Object.keys(rest).sort(),
    };
  });
  assert.deepEqual(seen, {
    type: "secret",
    extractable: false,
    raw: "InvalidAccessError",
    jwk: "InvalidAccessError",
    wrapped: 32 + 16,
    others: ["established", "iv"],
  });
}));

test("without its key a store says so and stays as it is", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const { trace } = await page.evaluate(recordSecrets);
  await page.evaluate(() => mirror.close());
  const before = await page.evaluate(files);
  await keys(page, "readonly", (all) => all.get("default"));
  await page.evaluate(() => (globalThis.saved = kept));
  await keys(page, "readwrite", (all) => all.delete("default"));
  const missing = await thrown(page, () => ActiveMirror.open());
  assert.equal(missing.code, "key-missing");
  assert.match(missing.message, /key/);
  // A key of the same making, but another one.
  await page.evaluate(async () => {
    const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const additionalData = new TextEncoder().encode("activemirror/v1/root-key/default");
    const wrapped = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, wrapping, new Uint8Array(32));
    globalThis.other = { wrapping, iv, wrapped, established: true };
  });
  await keys(page, "readwrite", (all) => all.put(other, "default"));
  assert.equal((await thrown(page, () => ActiveMirror.open())).code, "wrong-key");
  // One that does not unwrap.
  await keys(page, "readwrite", (all) => all.put({ ...saved, iv: other.iv }, "default"));
  assert.equal((await thrown(page, () => ActiveMirror.open())).code, "wrong-key");
  assert.deepEqual(await page.evaluate(files), before, "nothing was touched");
  await keys(page, "readwrite", (all) => all.put(saved, "default"));
  await open(page);
  assert.equal((await page.evaluate((id) => mirror.read(id), trace)).events.length, 3);
}));

test("a store that lost its files is never an empty one", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const { trace } = await page.evaluate(recordSecrets);
  await page.evaluate(() => mirror.close());
  const whole = await page.evaluate(files);
  const lose = async (...names) => {
    for (const name of names) await page.evaluate(put, { name });
    const error = await thrown(page, () => ActiveMirror.open());
    assert.equal(error.code, "files-missing", `${names}: ${error.message}`);
    for (const [name, bytes] of Object.entries(whole)) await page.evaluate(put, { name, bytes });
  };
  await lose("log.redb");
  await lose("subjects.keys");
  await lose("log.redb", "subjects.keys");
  await open(page);
  assert.equal((await page.evaluate((id) => mirror.read(id), trace)).events.length, 3);
}));

/** Opens, verifies and reads; what came of it. */
async function judge(trace) {
  try {
    const mirror = await ActiveMirror.open();
    try {
      const report = await mirror.verify();
      const fault = report.logs.find((log) => log.fault)?.fault;
      if (fault) return { fault: `${fault.message}` };
      return { document: JSON.stringify(await mirror.read(trace)) };
    } finally {
      await mirror.close();
    }
  } catch (error) {
    return { code: error.code, message: error.message };
  }
}

/** Judges the log with one byte changed; with none, as it was. */
async function judgeChanged({ trace, place }) {
  globalThis.whole ??= (await files())["log.redb"];
  const bytes = whole.slice();
  if (place !== undefined) bytes[place] ^= 1;
  await put({ name: "log.redb", bytes });
  return judge(trace);
}

test("a changed byte is named, or changes nothing", LIMIT, inWorld(async (world) => {
  const page = await world.open();
  const { trace } = await page.evaluate(recordSecrets);
  await page.evaluate(() => mirror.close());
  await page.evaluate(`Object.assign(globalThis, { files: ${files}, put: ${put}, judge: ${judge} })`);
  const original = await page.evaluate(judgeChanged, { trace });
  assert.ok(original.document, JSON.stringify(original));
  const used = await page.evaluate(() => whole.flatMap((byte, place) => (byte === 0 ? [] : [place])));
  const named = [];
  const step = Math.floor(used.length / 60);
  for (let n = 0; n < used.length; n += step) {
    const judged = await page.evaluate(judgeChanged, { trace, place: used[n] });
    if (judged.document) assert.equal(judged.document, original.document, `byte ${used[n]} changed what is read`);
    else named.push(judged.fault ?? `${judged.code}: ${judged.message}`);
  }
  assert.ok(named.some((what) => /^block \d/.test(what)), `no block was named: ${named}`);
  assert.ok(named.every((what) => /^(block \d|damaged: )/.test(what)), named.join("\n"));
  assert.deepEqual(await page.evaluate(judgeChanged, { trace }), original);
}));
