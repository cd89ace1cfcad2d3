// A real Chromium with a profile of its own, and a server of static files on this machine only.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

// The package's own tools: one lock file serves both.
const require = createRequire(new URL("../../targets/browser/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const HERE = fileURLToPath(new URL(".", import.meta.url));
const FOLDERS = {
  "/activemirror/": join(HERE, "../../targets/browser/pkg"),
  "/vectors/": join(HERE, "pkg"),
  "/": join(HERE, "site"),
};
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".wasm": "application/wasm" };

// What the package needs of a site's policy, and no more.
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'nonce-map'; connect-src 'self'; worker-src 'self'";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Milliseconds for one test; a hang is a failure. */
export const LIMIT = { timeout: 90_000 };

async function read(path) {
  const prefix = Object.keys(FOLDERS).find((prefix) => path.startsWith(prefix));
  return readFile(join(FOLDERS[prefix], path.slice(prefix.length) || "index.html"));
}

async function answer(request, response, instead) {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
  try {
    const body = path in instead ? instead[path] : await read(path);
    if (body === undefined) throw new Error("taken away");
    const type = TYPES[extname(path) || ".html"];
    response.writeHead(200, { "content-type": type, "content-security-policy": POLICY, "cache-control": "no-store" });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/** A site with a browser that visits it. The site and the profile outlive the browser. */
export class World {
  /** What the site answers instead of its files, by path; `undefined` is nothing. */
  instead = {};

  static async create() {
    const world = new World();
    world.server = createServer((request, response) => answer(request, response, world.instead));
    await new Promise((resolve) => world.server.listen(0, "127.0.0.1", resolve));
    world.url = `http://127.0.0.1:${world.server.address().port}/`;
    world.profile = await mkdtemp(join(tmpdir(), "activemirror-"));
    await world.start();
    return world;
  }

  async start() {
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      headless: true,
      args: ARGUMENTS,
    });
  }

  async stop() {
    await this.context?.close();
    this.context = undefined;
  }

  async restart() {
    await this.stop();
    await this.start();
  }

  /** A tab in which the package is imported as `ActiveMirror`. */
  async tab(path = "") {
    const page = await this.context.newPage();
    page.problems = [];
    page.on("pageerror", (error) => page.problems.push(error.message));
    page.on("console", (message) => message.type() === "error" && page.problems.push(message.text()));
    await page.goto(this.url + path);
    await page.waitForFunction(() => globalThis.ready);
    return page;
  }

  /** A tab that has opened the store of this name as `mirror`. */
  async open(name = "default", path = "") {
    const page = await this.tab(path);
    await open(page, name);
    return page;
  }

  async destroy() {
    await this.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Opens the store of this name in a tab. */
export async function open(page, name = "default") {
  await page.evaluate(async (name) => (globalThis.mirror = await ActiveMirror.open({ name })), name);
}

/** What a tab throws, as `{name, code, message, outcome}`; fails where it throws nothing. */
export async function thrown(page, work, argument = null) {
  const error = await page.evaluate(`(${caught})(${work}, ${JSON.stringify(argument)})`);
  if (!error) throw new Error("nothing was thrown");
  return error;
}

async function caught(work, argument) {
  try {
    await work(argument);
    return undefined;
  } catch ({ name, code, message, outcome }) {
    return { name, code, message, outcome };
  }
}

/** Runs a test in a world of its own. */
export function inWorld(work) {
  return async (test) => {
    const world = await World.create();
    test.after(() => world.destroy());
    await work(world, test);
  };
}
