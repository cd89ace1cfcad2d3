/**
 * What tabs say to each other. One tab leads: its Worker holds the store's files. Everybody, the
 * leading tab's own page too, asks over broadcast channels:
 *
 * | channel | what goes over it |
 * |---|---|
 * | `activemirror/1/NAME` | "who leads?" and "I do": {@link Presence} |
 * | `activemirror/1/NAME/EPOCH` | requests to the Worker of this epoch |
 * | `activemirror/1/NAME/CLIENT` | answers to one tab |
 *
 * A Worker's epoch is its own, so a request to one that died reaches nobody. Each tab sends what
 * is unanswered again, in order, to the next. A request that was sent before may have been stored
 * before: whoever gets it looks.
 *
 * The number is the version of what is said. Tabs of two versions do not talk: the later one finds
 * the files held, and says so.
 */
import type { Failure, Outcome } from "./errors.js";
import type { Json, MessageRole, SessionStatus } from "./types.js";

/** The lock that makes a tab the leader; its name begins the channels'. */
export const lockName = (store: string) => `activemirror/1/${store}`;

/** The channel on which leaders are found. */
export const presenceChannel = (store: string) => new BroadcastChannel(lockName(store));

/** The channel of one leader, or of one tab. */
export const channelOf = (store: string, id: string) => new BroadcastChannel(`${lockName(store)}/${id}`);

/** Who leads. */
export type Presence = { ask: true } | { leader: string };

/** Where records belong, and whose they are. */
export interface TraceContext {
  traceId: string;
  agentId: string;
  sessionId?: string | undefined;
  userId?: string | undefined;
}

/** A trace that begins. */
export interface Start extends TraceContext {
  timestamp: number;
  metadata?: Json | undefined;
}

/** An event of a trace. */
export interface NewEvent {
  trace: TraceContext;
  eventId: string;
  type: "thought" | "action" | "observation" | "decision" | "output" | "error";
  timestamp: number;
  content?: string | undefined;
  action?: string | undefined;
  parameters?: Json | undefined;
  data?: Json | undefined;
  semantics?: Json | undefined;
  metadata?: Json | undefined;
}

/** A session's head. Of one that is there already, what is missing stays as it is. */
export interface Head {
  id: string;
  title?: string | undefined;
  userId?: string | undefined;
  parentSessionId?: string | undefined;
  status?: SessionStatus | undefined;
  createdAt?: string | undefined;
  updatedAt: string;
  metadata?: Json | undefined;
  time: number;
}

/** A message of a session. */
export interface NewMessage {
  sessionId: string;
  id: string;
  role: MessageRole;
  content: string;
  timestamp: string;
  metadata?: Json | undefined;
  time: number;
}

/** How a trace began: whose it is, and what the policy made of it. */
export interface Started {
  userId?: string | undefined;
  receipt: Receipt;
}

/** What a tab can ask for. */
export type Ask =
  | { op: "hello" }
  | { op: "start"; start: Start }
  | { op: "event"; event: NewEvent }
  | { op: "head"; head: Head }
  | { op: "message"; message: NewMessage }
  | { op: "traces" }
  | { op: "read"; trace: string; reveal: boolean }
  | { op: "sessions" }
  | { op: "session"; id: string; reveal: boolean }
  | { op: "erase"; user: string }
  | { op: "verify" };

/** A request. */
export interface Request {
  /** The tab's channel. */
  from: string;
  /** The request's number; unique within its tab. */
  id: number;
  /** Whether it was sent before, and may be stored already. */
  again: boolean;
  ask: Ask;
}

/** An answer. */
export type Answer = { id: number } & ({ value: unknown } | { failure: Failure } | { crashed: Failure });

/** What became of an event. */
export interface Receipt {
  sequence: number;
  outcome: Outcome;
  reason?: string;
}
