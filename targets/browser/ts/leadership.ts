/**
 * One tab leads: the one that holds the lock. Its Worker holds the store's files; when the tab
 * goes, the browser gives the lock to the next.
 */
import type { Failure } from "./errors.js";
import { lockName } from "./protocol.js";

/** Milliseconds that a Worker gets to close its store; without it, the next repairs. */
const CLOSING_MS_MAX = 5_000;

/** What a page tells its Worker. */
export type Order = { store: string; epoch: string } | { close: true };

/** What a Worker tells its page: it runs; it crashed and wants a successor; its store is closed. */
export type State = "alive" | "broken" | "closed";

/** A tab's claim to lead. */
export class Leadership {
  readonly #store: string;
  readonly #onFailure: (failure: Failure) => void;
  readonly #claim = new AbortController();
  #worker: Worker | undefined;
  #release: (() => void) | undefined;
  #closed: (() => void) | undefined;

  constructor(store: string, onFailure: (failure: Failure) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
    const held = navigator.locks.request(lockName(store), { signal: this.#claim.signal }, () => this.#lead());
    held.catch((thrown: unknown) => {
      if (!this.#claim.signal.aborted) this.#fail(`the browser gave no lock: ${String(thrown)}`);
    });
  }

  /** Whether this tab leads. */
  get leads(): boolean {
    return this.#worker !== undefined;
  }

  /** Gives the lead up, the store closed where this tab held it. */
  async resign(): Promise<void> {
    this.#claim.abort();
    if (this.#worker) {
      const closed = new Promise<void>((resolve) => (this.#closed = resolve));
      this.#order({ close: true });
      await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, CLOSING_MS_MAX))]);
    }
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#release?.();
  }

  #lead(): Promise<void> {
    this.#employ();
    return new Promise((resolve) => (this.#release = resolve));
  }

  #employ(): void {
    let alive = false;
    const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<State>) => {
      alive = true;
      if (data === "closed") this.#closed?.();
      if (data === "broken") this.#replace(worker);
    };
    worker.onerror = (event) => {
      if (alive) this.#replace(worker);
      else this.#fail(`its Worker does not start: ${event.message || "worker.js was not loaded"}`);
    };
    this.#worker = worker;
    this.#order({ store: this.#store, epoch: crypto.randomUUID() });
  }

  #replace(worker: Worker): void {
    worker.terminate();
    if (worker === this.#worker && !this.#claim.signal.aborted) this.#employ();
  }

  #order(order: Order): void {
    this.#worker?.postMessage(order);
  }

  #fail(message: string): void {
    this.#onFailure({ code: "failed", message });
    void this.resign();
  }
}
