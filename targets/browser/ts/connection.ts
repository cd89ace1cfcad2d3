/** A tab's line to whichever Worker leads: asks, and asks again where the leader died. */
import { ActiveMirrorError, type Failure } from "./errors.js";
import { channelOf, presenceChannel } from "./protocol.js";
import type { Answer, Ask, Presence, Request } from "./protocol.js";

/** How many Workers one request may take down before it is given up. */
const CRASHES_MAX = 2;

interface Pending {
  ask: Ask;
  sent: boolean;
  crashes: number;
  resolve: (value: unknown) => void;
  reject: (error: ActiveMirrorError) => void;
}

/** One tab's line to one store. */
export class Connection {
  readonly #store: string;
  readonly #own = crypto.randomUUID();
  readonly #presence: BroadcastChannel;
  readonly #answers: BroadcastChannel;
  readonly #pending = new Map<number, Pending>();
  #leader: { epoch: string; channel: BroadcastChannel } | undefined;
  #asked = 0;
  #over: ActiveMirrorError | undefined;

  constructor(store: string) {
    this.#store = store;
    this.#answers = channelOf(store, this.#own);
    this.#answers.onmessage = ({ data }: MessageEvent<Answer>) => this.#settle(data);
    this.#presence = presenceChannel(store);
    this.#presence.onmessage = ({ data }: MessageEvent<Presence>) => {
      if ("leader" in data) this.#follow(data.leader);
    };
    this.#presence.postMessage({ ask: true } satisfies Presence);
  }

  /** The answer to a question. What is asked is asked as it is now: later changes do not count. */
  ask<T>(ask: Ask): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#over) throw this.#over;
      const id = this.#asked++;
      const pending = { ask: snapshot(ask), sent: false, crashes: 0, resolve: resolve as Pending["resolve"], reject };
      this.#pending.set(id, pending);
      this.#send(id, pending);
    });
  }

  /** Ends the line; what is unanswered gets this error. */
  close(error: ActiveMirrorError): void {
    this.#over ??= error;
    this.#pending.forEach((pending) => pending.reject(error));
    this.#pending.clear();
    [this.#presence, this.#answers, this.#leader?.channel].forEach((channel) => channel?.close());
  }

  #follow(epoch: string): void {
    if (this.#over || this.#leader?.epoch === epoch) return;
    this.#leader?.channel.close();
    this.#leader = { epoch, channel: channelOf(this.#store, epoch) };
    this.#pending.forEach((pending, id) => this.#send(id, pending));
  }

  #send(id: number, pending: Pending): void {
    if (!this.#leader) return;
    const request: Request = { from: this.#own, id, again: pending.sent, ask: pending.ask };
    pending.sent = true;
    this.#leader.channel.postMessage(request);
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    if (!pending) return;
    if ("crashed" in answer && ++pending.crashes < CRASHES_MAX) return;
    this.#pending.delete(answer.id);
    if ("value" in answer) pending.resolve(answer.value);
    else pending.reject(error("failure" in answer ? answer.failure : answer.crashed));
  }
}

function error({ code, message }: Failure): ActiveMirrorError {
  return new ActiveMirrorError(code, message);
}

function snapshot(ask: Ask): Ask {
  try {
    return structuredClone(ask);
  } catch (cause) {
    throw new ActiveMirrorError("bad-value", `this cannot be recorded: ${(cause as Error).message}`, { cause });
  }
}
