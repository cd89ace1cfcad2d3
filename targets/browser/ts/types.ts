/** What goes in, and what comes back. */
import type { Outcome } from "./errors.js";

/**
 * A structured value. What JSON has, and more: bigints keep every digit, dates become their ISO
 * text, `undefined` members are left out. Anything else is refused with the path it lies at.
 */
export type Json =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | undefined
  | readonly Json[]
  | { readonly [key: string]: Json };

/** What an event means, beside what it says (MirrorDNA `semantics`). */
export interface Semantics {
  intent?: string;
  /** How sure the agent is, 0 to 1. */
  confidence?: number;
  readonly [key: string]: Json;
}

/** How a trace begins. */
export interface TraceOptions {
  /** The agent that acts. */
  agentId: string;
  /** The session it belongs to. */
  sessionId?: string;
  /** The person whose data it is. Without one: the session's user, the session, or the trace. */
  userId?: string;
  /** Whatever else is to be kept of it. */
  metadata?: Json;
}

/** Who said what is observed. */
export interface ObservationOptions {
  source?: "user" | "tool";
  semantics?: Semantics;
}

/** That an event is durable, and what the policy made of it. */
export interface Recorded {
  eventId: string;
  /** Its number in the log. */
  sequence: number;
  outcome: Outcome;
}

/** A line of a list of traces. */
export interface TraceLine {
  trace_id: string;
  agent_id: string;
  session_id?: string;
  user_id?: string;
  timestamp: string;
}

/** An event as it stands in the log: MirrorDNA v1.1. */
export interface TraceEvent {
  event_id: string;
  type: "thought" | "action" | "observation" | "decision" | "output" | "error";
  /** Milliseconds since the Unix epoch. */
  timestamp: number;
  /** With tokens such as `⟦email·3fa90c⟧` in the places that a policy masked. */
  content?: string;
  action?: string;
  parameters?: Json;
  data?: Json;
  semantics?: Semantics;
  /** Its person was erased: nothing of the content is left. */
  erased?: true;
  /** Its content is sealed under a key that is not here. */
  sealed?: true;
  readonly [key: string]: Json;
}

/** A verdict of a policy. */
export interface Verdict {
  /** The event; none where it is about how the trace begins. */
  event_id?: string;
  /** The policy's name and version. */
  policy: string;
  outcome: Outcome;
  fuel: number;
  /** Browsers do not meter plugins: a time limit holds instead. */
  unmetered: boolean;
  reason?: string;
}

/** A trace as it stands in the log: MirrorDNA v1.1, its verdicts beside its events. */
export interface TraceDocument extends TraceLine {
  events: TraceEvent[];
  verdicts: Verdict[];
  metadata?: Json;
}

/** Who speaks. */
export type MessageRole = "user" | "assistant" | "system";

/** Where a session stands. */
export type SessionStatus = "active" | "paused" | "completed";

/** How a session begins. */
export interface SessionOptions {
  title?: string;
  userId?: string;
  parentSessionId?: string;
  metadata?: Json;
}

/** A session's head. */
export interface SessionLine {
  id: string;
  title: string;
  userId?: string;
  parentSessionId?: string;
  status: SessionStatus;
  createdAt: string;
  updatedAt: string;
  metadata?: Json;
}

/** A message as it stands in the log. */
export interface Message {
  id: string;
  sessionId: string;
  role: MessageRole;
  content: string;
  timestamp: string;
  metadata?: Json;
}

/** A session and what was said in it, as the JavaScript SDK spells it. */
export interface SessionDocument extends SessionLine {
  messageCount: number;
  messages: Message[];
}

/** Whether originals are wanted where tokens stand. The log keeps that somebody asked. */
export interface ReadOptions {
  reveal?: boolean;
}

/** What verification found of one log. */
export interface LogReport {
  log: string;
  own: boolean;
  blocks: number;
  records: number;
  /** Records whose leaf was recomputed under their key. */
  recomputed: number;
  /** Records whose person was erased; their kept leaf fits the tree. */
  erased: number;
  /** How many of the blocks the signed checkpoint covers. */
  covered: number;
  /** The first fault. */
  fault?: { block: number; message: string };
}

/** What verification found. */
export interface Report {
  ok: boolean;
  logs: LogReport[];
}
