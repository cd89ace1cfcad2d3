// Makes the scripts of the package as small as a page without a bundler would want them.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { minify } from "oxc-minify";

const folder = join(import.meta.dirname, "pkg");
const scripts = (await readdir(folder)).filter((name) => name.endsWith(".js"));
for (const name of [...scripts, join("wasm", "store.js")]) {
  const path = join(folder, name);
  const { code, errors } = await minify(name, await readFile(path, "utf8"), { module: true });
  if (errors.length > 0) throw new Error(`${name}: ${errors[0].message}`);
  await writeFile(path, code);
}
