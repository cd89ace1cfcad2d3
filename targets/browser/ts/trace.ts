/** Recording a trace. */
import type { Connection } from "./connection.js";
import { ActiveMirrorError, PolicyError } from "./errors.js";
import type { NewEvent, Receipt, Started, TraceContext } from "./protocol.js";
import type { Json, ObservationOptions, Recorded, Semantics, TraceOptions } from "./types.js";

/** Begins a trace; it is durable when this resolves. Rejects where a policy stops it. */
export async function beginTrace(connection: Connection, options: TraceOptions): Promise<Trace> {
  const { agentId, sessionId, userId, metadata } = options;
  const context: TraceContext = { traceId: crypto.randomUUID(), agentId, sessionId, userId };
  const start = { ...context, timestamp: Date.now(), metadata };
  const started = await connection.ask<Started>({ op: "start", start });
  recorded(context.traceId, started.receipt);
  return new Trace(connection, { ...context, userId: started.userId });
}

/**
 * A trace that is being recorded. Each call resolves when its event is durable, and rejects with a
 * {@link PolicyError} where a policy stops it: then the agent must not go on with it.
 */
export class Trace {
  readonly #connection: Connection;
  readonly #context: TraceContext;
  readonly #unfinished = new Set<Promise<unknown>>();
  #events = 0;
  #ended = false;

  /** @internal */
  constructor(connection: Connection, context: TraceContext) {
    this.#connection = connection;
    this.#context = context;
  }

  /** The trace's id. */
  get id(): string {
    return this.#context.traceId;
  }

  /** What the agent considered. */
  thought(content: string, semantics?: Semantics): Promise<Recorded> {
    return this.#record({ type: "thought", content, semantics });
  }

  /** What the agent is about to do: call it first, and do it only when this resolves. */
  action(action: string, parameters?: Json, semantics?: Semantics): Promise<Recorded> {
    return this.#record({ type: "action", action, parameters, semantics });
  }

  /** What the agent was told, by a tool unless the options say otherwise. */
  observation(content: string, data?: Json, options: ObservationOptions = {}): Promise<Recorded> {
    const { source, semantics } = options;
    const metadata = source === undefined ? undefined : { source };
    return this.#record({ type: "observation", content, data, semantics, metadata });
  }

  /** What the agent settled on; reasoning, factors, alternatives and confidence are its semantics. */
  decision(content: string, semantics?: Semantics): Promise<Recorded> {
    return this.#record({ type: "decision", content, semantics });
  }

  /** What the agent is about to say to its user: say it only when this resolves. */
  output(content: string, semantics?: Semantics): Promise<Recorded> {
    return this.#record({ type: "output", content, semantics });
  }

  /** What went wrong. */
  error(content: string, semantics?: Semantics): Promise<Recorded> {
    return this.#record({ type: "error", content, semantics });
  }

  /** Ends the trace: resolves when every event of it is durable, or has failed. */
  async end(): Promise<void> {
    this.#ended = true;
    await Promise.allSettled(this.#unfinished);
  }

  async #record(event: Omit<NewEvent, "trace" | "eventId" | "timestamp">): Promise<Recorded> {
    if (this.#ended) throw new ActiveMirrorError("closed", "this trace has ended");
    const eventId = `evt_${String(++this.#events).padStart(3, "0")}`;
    const whole: NewEvent = { ...event, eventId, timestamp: Date.now(), trace: this.#context };
    const asked = this.#connection.ask<Receipt>({ op: "event", event: whole });
    this.#unfinished.add(asked);
    try {
      return recorded(eventId, await asked);
    } finally {
      this.#unfinished.delete(asked);
    }
  }
}

/** What a durable event comes to; throws where a policy stopped it. */
export function recorded(eventId: string, { sequence, outcome, reason }: Receipt): Recorded {
  if (outcome === "deny" || outcome === "require-approval") throw new PolicyError(eventId, outcome, reason ?? "");
  return { eventId, sequence, outcome };
}
