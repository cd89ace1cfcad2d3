/**
 * The policy in a Worker of its own, under a time limit. A browser meters no plugin: one that takes
 * too long is terminated with its Worker. Whatever goes wrong, the event is denied.
 */
import type { Entry } from "./wasm/store.js";

/** Milliseconds for one call. A host's fuel ends a hostile call within 300; tabs share processors. */
const CALL_MS_MAX = 3_000;
/** Milliseconds for a Worker to start and the plugin to be compiled. */
const START_MS_MAX = 20_000;
/** Rounds of deciding and masking; as on hosts. */
const ROUNDS_MAX = 8;
/** Bytes of state that are kept for a trace; fixed by the contract. */
const STATE_BYTES_MAX = 4_096;
/** Events of a replay that are given at once. */
const REPLAYED_AT_ONCE = 64;
/** Traces whose state is kept; the state of any other is found again by a replay. */
const STATES_MAX = 1_024;

/** What the log is told of a plugin, and which kinds of events it looks at and rules on; `transpile.mjs` writes it. */
export interface Manifest {
  name: string;
  version: string;
  sha256: string;
  looksAt: string[];
  rulesOn: string[];
}

/** A question to the plugin's Worker. */
export type Call = { load: string } | { state: Uint8Array; point: string; events: unknown[] };

/** Its answer. */
export type Reply = { loaded: true } | Decision | { error: string };

/** One verdict an event, and the next state. */
export interface Decision {
  verdicts: unknown[];
  state: Uint8Array;
}

/** An event that a policy decided on before. */
export interface Past {
  point: string;
  event: unknown;
}

interface Kept {
  state: Uint8Array;
  events: number;
}

/** A policy that rules on entries, one after the other. */
export class Policy {
  readonly manifest: Manifest;
  readonly #states = new Map<string, Kept>();
  #worker: Promise<Worker> | undefined;

  private constructor(manifest: Manifest) {
    this.manifest = manifest;
  }

  /** The policy of this name. */
  static async load(name: string): Promise<Policy> {
    const response = await fetch(new URL(`./plugins/${name}.json`, import.meta.url));
    if (!response.ok) throw new Error(`plugins/${name}.json was not loaded: ${response.status}`);
    return new Policy((await response.json()) as Manifest);
  }

  /** Lets the policy rule on an entry, until it has nothing more to mask or drop. */
  async rule(entry: Entry, past: () => Past[]): Promise<void> {
    const { trace, point } = entry;
    if (trace === undefined || point === undefined) return;
    try {
      if (point === "agent-startup") {
        await this.#rounds(entry, point, { state: new Uint8Array(), events: 0 });
        return;
      }
      const kept = this.#states.get(trace) ?? (await this.#replay(past()));
      const state = await this.#rounds(entry, point, kept);
      this.#keep(trace, { state, events: kept.events + 1 });
    } catch (thrown) {
      // A trap is this package's own: a plugin's comes as a message.
      if (thrown instanceof WebAssembly.RuntimeError) throw thrown;
      const why = thrown instanceof Error ? thrown.message : String((thrown as { message?: unknown }).message);
      entry.fail(`policy ${this.manifest.name} failed: ${why}`);
    }
  }

  /** Decides until nothing changes; the state that the last round leaves. */
  async #rounds(entry: Entry, point: string, kept: Kept): Promise<Uint8Array> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const { verdicts, state } = await this.#decide(kept.state, point, [entry.seen(kept.events)]);
      if (!entry.rule(verdicts[0])) return state;
    }
    throw new Error("it does not come to an end of what to mask");
  }

  /** Where the state of a trace is that another Worker began. */
  async #replay(past: Past[]): Promise<Kept> {
    const kept: Kept = { state: new Uint8Array(), events: past.length };
    for (let at = 0; at < past.length; ) {
      const { point } = past[at] as Past;
      const rest = past.slice(at, at + REPLAYED_AT_ONCE);
      const other = rest.findIndex((event) => event.point !== point);
      const same = other < 0 ? rest : rest.slice(0, other);
      const events = same.map(({ event }) => event);
      kept.state = (await this.#decide(kept.state, point, events)).state;
      at += same.length;
    }
    return kept;
  }

  #keep(trace: string, kept: Kept): void {
    this.#states.delete(trace);
    this.#states.set(trace, kept);
    const [oldest] = this.#states.keys();
    if (this.#states.size > STATES_MAX && oldest !== undefined) this.#states.delete(oldest);
  }

  /** Decides on those events that the policy looks at; it allows the others unseen, as on hosts. */
  async #decide(state: Uint8Array, point: string, all: unknown[]): Promise<Decision> {
    const kind = (event: unknown) => (event as { kind: string }).kind;
    const looksAt = (event: unknown) => this.manifest.looksAt.includes(kind(event));
    const events = all.filter(looksAt);
    if (events.length === 0) return { verdicts: all.map(() => ({ tag: "allow" })), state };
    this.#worker ??= this.#start();
    const reply = await this.#call(this.#worker, { state, point, events }, CALL_MS_MAX);
    if (!("verdicts" in reply)) throw new Error("it gave no verdict");
    if (reply.state.length > STATE_BYTES_MAX) throw new Error(`its state has more than ${STATE_BYTES_MAX} bytes`);
    const overruled = (verdict: unknown, place: number) =>
      (verdict as { tag: string }).tag !== "allow" && !this.manifest.rulesOn.includes(kind(events[place]));
    if (reply.verdicts.some(overruled)) throw new Error("a verdict on an event of a kind that it does not rule on");
    const verdicts = reply.verdicts.values();
    return { verdicts: all.map((event) => (looksAt(event) ? verdicts.next().value : { tag: "allow" })), state: reply.state };
  }

  async #start(): Promise<Worker> {
    const worker = new Worker(new URL("./plugin-worker.js", import.meta.url), { type: "module" });
    await this.#call(Promise.resolve(worker), { load: this.manifest.name }, START_MS_MAX);
    return worker;
  }

  /** Asks; where no answer comes in time, the Worker is gone. */
  async #call(starting: Promise<Worker>, call: Call, limit: number): Promise<Reply> {
    try {
      return await answer(await starting, call, limit);
    } catch (thrown) {
      this.#worker = undefined;
      void starting.then((worker) => worker.terminate()).catch(() => undefined);
      throw thrown;
    }
  }
}

function answer(worker: Worker, call: Call, limit: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`it took more than ${limit} ms`)), limit);
    const settle = (work: () => void) => {
      clearTimeout(timer);
      work();
    };
    worker.onmessage = ({ data }: MessageEvent<Reply>) =>
      settle(() => ("error" in data ? reject(new Error(data.error)) : resolve(data)));
    worker.onerror = (event) => settle(() => reject(new Error(event.message || "its Worker does not start")));
    worker.postMessage(call);
  });
}
