/** Requests in, answers out; one after the other, in the order in which they come. */
import { ActiveMirrorError, type Failure, failure, isCrash } from "./errors.js";
import { channelOf, presenceChannel } from "./protocol.js";
import type { Answer, Presence, Receipt, Request } from "./protocol.js";
import { type Work, handle } from "./requests.js";
import { type OpenStore, StoreFiles } from "./store.js";
import type { Mirror } from "./wasm/store.js";

/** Requests that one commit may hold. */
const BATCH_MAX = 256;

/** Tabs whose channel is kept open; to any other it is opened again. */
const TABS_MAX = 64;

/** Failures after which the store has to be opened anew; what was committed is there again then. */
const REOPEN: ReadonlySet<string> = new Set(["full", "io", "damaged"]);

/** A write that waits for its commit. */
type Write = Extract<Work, { entry: unknown }> & { request: Request };

/** One Worker's work, from its first request to its last. */
export class Desk {
  readonly #store: string;
  readonly #files: StoreFiles;
  readonly #requests: BroadcastChannel;
  readonly #presence: BroadcastChannel;
  readonly #tabs = new Map<string, BroadcastChannel>();
  readonly #onCrash: () => void;
  #queue: Request[] = [];
  /** What is in the queue or being worked on: a request that comes twice is answered once. */
  readonly #taken = new Set<string>();
  #open: OpenStore | undefined;
  #work: Promise<void> = Promise.resolve();
  #over = false;

  constructor(store: string, epoch: string, onCrash: () => void) {
    this.#store = store;
    this.#files = new StoreFiles(store);
    this.#onCrash = onCrash;
    this.#requests = channelOf(store, epoch);
    this.#requests.onmessage = ({ data }: MessageEvent<Request>) => this.#take(data);
    this.#presence = presenceChannel(store);
    this.#presence.onmessage = ({ data }: MessageEvent<Presence>) => {
      if ("ask" in data) this.#announce(epoch);
    };
    this.#announce(epoch);
  }

  /** Finishes what is being worked on and closes the store. What is still queued, the next leader gets. */
  async close(): Promise<void> {
    this.#over = true;
    this.#queue = [];
    [this.#requests, this.#presence].forEach((channel) => channel.close());
    await this.#work;
    this.#open?.mirror.free();
    await this.#files.close();
  }

  #announce(epoch: string): void {
    this.#presence.postMessage({ leader: epoch } satisfies Presence);
  }

  #take(request: Request): void {
    const key = keyOf(request);
    if (this.#over || this.#taken.has(key)) return;
    this.#taken.add(key);
    this.#queue.push(request);
    if (this.#queue.length === 1) this.#work = this.#work.then(() => this.#serve());
  }

  async #serve(): Promise<void> {
    while (this.#queue.length > 0 && !this.#over) {
      // A request stays in the queue while it is worked on, so that nobody else starts to.
      const batch = this.#queue.slice(0, BATCH_MAX);
      try {
        await this.#serveBatch(batch);
      } catch (thrown) {
        this.#crash(batch, failure(thrown).message);
        return;
      }
      this.#queue.splice(0, batch.length);
      // Between commits this Worker can be terminated at once.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** Throws only where the module is beyond use. */
  async #serveBatch(batch: Request[]): Promise<void> {
    const writes: Write[] = [];
    for (const request of batch) {
      try {
        const open = (this.#open ??= await this.#files.open());
        const work = handle(open.mirror, request);
        if ("entry" in work) {
          await open.policy.rule(work.entry, () => open.mirror.past(work.entry.trace ?? ""));
          writes.push({ ...work, request });
        } else {
          this.#commit(writes.splice(0));
          this.#answer(request, { value: work.read() });
        }
      } catch (thrown) {
        this.#refuse([request], thrown);
      }
    }
    this.#commit(writes);
  }

  #commit(writes: Write[]): void {
    if (writes.length === 0) return;
    const requests = writes.map((write) => write.request);
    try {
      const receipts = this.#mirror().append(
        writes.map((write) => write.entry),
        Date.now(),
      ) as (Receipt | Failure)[];
      writes.forEach(({ request, answer }, place) => {
        const receipt = receipts[place] as Receipt | Failure;
        if ("code" in receipt) this.#answer(request, { failure: receipt });
        else this.#answer(request, { value: answer(receipt) });
      });
    } catch (thrown) {
      this.#refuse(requests, thrown);
    }
  }

  #mirror(): Mirror {
    if (!this.#open) throw new ActiveMirrorError("io", "the store was closed by an error; try again");
    return this.#open.mirror;
  }

  #refuse(requests: Request[], thrown: unknown): void {
    if (isCrash(thrown)) throw thrown;
    const refused = failure(thrown);
    if (REOPEN.has(refused.code)) {
      this.#open?.mirror.free();
      this.#open = undefined;
    }
    requests.forEach((request) => this.#answer(request, { failure: refused }));
  }

  /** The module trapped: its memory is not to be trusted, so another Worker has to take over. */
  #crash(batch: Request[], what: string): void {
    const message = `what reads the store stopped (${what}): its files are damaged, or this package has a fault`;
    const crashed: Failure = { code: "damaged", message };
    this.#over = true;
    [this.#requests, this.#presence].forEach((channel) => channel.close());
    batch.filter((request) => this.#taken.has(keyOf(request))).forEach((it) => this.#answer(it, { crashed }));
    this.#onCrash();
  }

  #answer(request: Request, answer: { value: unknown } | { failure: Failure } | { crashed: Failure }): void {
    this.#taken.delete(keyOf(request));
    this.#tab(request.from).postMessage({ id: request.id, ...answer } satisfies Answer);
  }

  #tab(name: string): BroadcastChannel {
    const known = this.#tabs.get(name);
    if (known) return known;
    const tab = channelOf(this.#store, name);
    this.#tabs.set(name, tab);
    const [oldest] = this.#tabs;
    if (this.#tabs.size > TABS_MAX && oldest) {
      oldest[1].close();
      this.#tabs.delete(oldest[0]);
    }
    return tab;
  }
}

function keyOf(request: Request): string {
  return `${request.from}/${request.id}`;
}
