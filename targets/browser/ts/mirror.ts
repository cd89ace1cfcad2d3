/** The package's front door. */
import { Connection } from "./connection.js";
import { ActiveMirrorError } from "./errors.js";
import { removeFiles } from "./files.js";
import { Leadership } from "./leadership.js";
import { lockName } from "./protocol.js";
import { forgetRootKey } from "./root-key.js";
import { Session, beginSession } from "./session.js";
import { Trace, beginTrace } from "./trace.js";
import type {
  ReadOptions,
  Report,
  SessionDocument,
  SessionLine,
  SessionOptions,
  TraceDocument,
  TraceLine,
  TraceOptions,
} from "./types.js";

/** Which store. */
export interface OpenOptions {
  /** Its name within this site: letters, digits, `.`, `_` and `-`. */
  name?: string;
}

/**
 * An agent's memory in this browser: durable, sealed, provable, offline. Every tab of a site that
 * opens the same name shares one store.
 */
export class ActiveMirror {
  /** The store's name. */
  readonly name: string;
  readonly #connection: Connection;
  readonly #leadership: Leadership;

  private constructor(name: string) {
    this.name = name;
    this.#connection = new Connection(name);
    this.#leadership = new Leadership(name, ({ code, message }) => {
      this.#connection.close(new ActiveMirrorError(code, message));
    });
  }

  /** Opens the store, or makes one. */
  static async open(options: OpenOptions = {}): Promise<ActiveMirror> {
    const mirror = new ActiveMirror(checked(options.name));
    try {
      await mirror.#connection.ask({ op: "hello" });
      return mirror;
    } catch (thrown) {
      await mirror.close();
      throw thrown;
    }
  }

  /** Gives a store up for good: its files and the key to them. No tab may have it open. */
  static async forget(options: OpenOptions = {}): Promise<void> {
    const name = checked(options.name);
    await navigator.locks.request(lockName(name), { ifAvailable: true }, async (lock) => {
      if (!lock) throw new ActiveMirrorError("held", `a tab has the store "${name}" open: close it first`);
      await forgetRootKey(name);
      await removeFiles(name);
    });
  }

  /** Whether this tab holds the store's files; another takes over when it goes. */
  get leads(): boolean {
    return this.#leadership.leads;
  }

  /**
   * Asks the browser to keep the store until the user clears it. Where it does not promise that, it
   * may remove the store when room is short: say so to the user. A private window keeps nothing.
   */
  persist(): Promise<boolean> {
    return navigator.storage.persist();
  }

  /** Begins to record a trace. */
  trace(options: TraceOptions): Promise<Trace> {
    return beginTrace(this.#connection, options);
  }

  /** Begins a session. */
  session(options: SessionOptions = {}): Promise<Session> {
    return beginSession(this.#connection, options);
  }

  /** Goes on with a session. */
  async resume(sessionId: string): Promise<Session> {
    const document = await this.#connection.ask<SessionDocument>({ op: "session", id: sessionId, reveal: false });
    return new Session(this.#connection, document);
  }

  /** All traces, newest first. */
  traces(): Promise<TraceLine[]> {
    return this.#connection.ask({ op: "traces" });
  }

  /** A trace with its events; tokens stand where a policy masked something. */
  read(traceId: string, { reveal = false }: ReadOptions = {}): Promise<TraceDocument> {
    return this.#connection.ask({ op: "read", trace: traceId, reveal });
  }

  /** All sessions, newest first. */
  sessions(): Promise<SessionLine[]> {
    return this.#connection.ask({ op: "sessions" });
  }

  /** Destroys a person's key: nothing of theirs can be read any more. Returns how many blocks held any of it. */
  erase(userId: string): Promise<number> {
    return this.#connection.ask({ op: "erase", user: userId });
  }

  /** Recomputes every digest, tree, signature and record, and says what holds. */
  verify(): Promise<Report> {
    return this.#connection.ask({ op: "verify" });
  }

  /** Ends this tab's part in it. What was acknowledged is durable in any case. */
  async close(): Promise<void> {
    this.#connection.close(new ActiveMirrorError("closed", "this mirror was closed"));
    await this.#leadership.resign();
  }
}

/** The store's name, where this page can have stores at all. */
function checked(name = "default"): string {
  const storage = (globalThis.navigator as Navigator | undefined)?.storage as StorageManager | undefined;
  if (!globalThis.isSecureContext || !storage) {
    throw new ActiveMirrorError("unsupported", "the store needs a browser, and a page from https or localhost");
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new ActiveMirrorError("bad-value", "a store's name is 1 to 64 letters, digits, `.`, `_` and `-`");
  }
  return name;
}
