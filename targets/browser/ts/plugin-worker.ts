/**
 * Where a plugin runs, and nothing else does. It gets what the contract in `wit/` gives it: its
 * settings (none here) and a bounded log. An instance that threw is never entered again.
 */
import type { Call, Decision, Reply } from "./policy.js";

/** Host calls in one call, and log lines and their characters; as on hosts. */
const HOST_CALLS_MAX = 4_096;
const LINES_MAX = 256;
const LINE_CHARS_MAX = 1_000;

/** What jco makes of a component of the world `policy`. */
interface Plugin {
  decide(settings: unknown[], state: Uint8Array, point: string, events: unknown[]): Decision;
}

interface Module {
  instantiate(compile: (file: string) => Promise<WebAssembly.Module>, imports: object): Promise<Plugin>;
}

let instantiate: (() => Promise<Plugin>) | undefined;
let plugin: Plugin | undefined;
let hostCalls = 0;
let lines = 0;

self.onmessage = async ({ data }: MessageEvent<Call>) => {
  self.postMessage(await reply(data));
};

async function reply(call: Call): Promise<Reply> {
  try {
    return "load" in call ? await load(call.load) : await decide(call.state, call.point, call.events);
  } catch (thrown) {
    plugin = undefined;
    return { error: told(thrown) };
  }
}

async function load(name: string): Promise<Reply> {
  const folder = new URL("./plugins/", import.meta.url);
  const module = (await import(new URL(`${name}.js`, folder).href)) as Module;
  const compiled = new Map<string, Promise<WebAssembly.Module>>();
  const compile = (file: string) => {
    const ready = compiled.get(file) ?? WebAssembly.compileStreaming(fetch(new URL(file, folder)));
    compiled.set(file, ready);
    return ready;
  };
  instantiate = () => module.instantiate(compile, imports);
  plugin = await instantiate();
  return { loaded: true };
}

async function decide(state: Uint8Array, point: string, events: unknown[]): Promise<Decision> {
  [hostCalls, lines] = [0, 0];
  plugin ??= await instantiate?.();
  if (!plugin) throw new Error("it was not loaded");
  const { verdicts, state: next } = plugin.decide([], state, point, events);
  if (verdicts.length !== events.length) throw new Error(`${verdicts.length} verdicts on ${events.length} events`);
  return { verdicts, state: next };
}

const imports = {
  "activemirror:plugin/log": {
    write(level: "debug" | "info" | "warn", line: string): void {
      count();
      if (++lines <= LINES_MAX) console[level](`plugin: ${shown(line)}`);
    },
  },
};

function count(): void {
  if (++hostCalls > HOST_CALLS_MAX) throw new Error(`more than ${HOST_CALLS_MAX} host calls`);
}

/** One line of the log, without what would change how the rest is shown. */
function shown(line: string): string {
  return line.slice(0, LINE_CHARS_MAX).replace(/[\p{Cc}\p{Cf}]/gu, "\ufffd");
}

/** What was thrown; an error of the contract comes as a payload. */
function told(thrown: unknown): string {
  const payload = (thrown as { payload?: { tag?: unknown; val?: unknown } }).payload;
  if (payload?.tag !== undefined) return `it says ${[payload.tag, payload.val].filter(Boolean).join(": ")}`;
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}
