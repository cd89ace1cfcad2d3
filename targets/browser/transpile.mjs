// Makes an ECMAScript module of each component given, in `pkg/plugins`, and beside it what the log
// is told of the plugin: its name, its version, and the digest of the component; and which kinds of
// events it looks at.
import { createHash } from "node:crypto";
import { readFile, writeFile, mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { transpileBytes } from "@bytecodealliance/jco-transpile";

const folder = join(import.meta.dirname, "pkg", "plugins");

async function write(name, bytes) {
  await writeFile(join(folder, name), bytes);
}

async function transpile(path) {
  const component = await readFile(path);
  const name = basename(path, ".wasm");
  const { files, imports } = await transpileBytes(component, {
    name,
    instantiation: "async",
    wasiShim: false,
    emitTypescriptDeclarations: false,
    minify: true,
  });
  const foreign = imports.filter((name) => !name.startsWith("activemirror:plugin/"));
  if (foreign.length > 0) throw new Error(`${path} imports ${foreign.join(", ")}`);
  await Promise.all(Object.entries(files).map(([file, bytes]) => write(file, bytes)));
  const { version, ...described } = await describe(name);
  const [looksAt, rulesOn] = [described.looksAt, described.rulesOn].map((kinds) =>
    Object.keys(kinds).filter((kind) => kinds[kind]),
  );
  const sha256 = createHash("sha256").update(component).digest("hex");
  await write(`${name}.json`, JSON.stringify({ name, version, sha256, looksAt, rulesOn }));
}

async function describe(name) {
  const { instantiate } = await import(pathToFileURL(join(folder, `${name}.js`)));
  const compile = async (file) => WebAssembly.compile(await readFile(join(folder, file)));
  const plugin = await instantiate(compile, { "activemirror:plugin/log": { write: () => {} } });
  return plugin.describe();
}

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const path of process.argv.slice(2)) await transpile(path);
