/**
 * What can go wrong, with a code that programs can act on.
 *
 * | code | what to do |
 * |---|---|
 * | `bad-value` | mend the argument that the message names |
 * | `unknown` | there is nothing of that id here |
 * | `stopped` | a policy denied the event or wants approval: do not go on with it ({@link PolicyError}) |
 * | `full` | free room, or ask the user for more; nothing of the write was stored |
 * | `key-missing` | the store is there, the browser's key to it is not: nothing opens without it |
 * | `files-missing` | the key is there, files of the store are not |
 * | `wrong-key` | the store was made with another key |
 * | `damaged` | the store's files were changed from outside, or the disk is failing |
 * | `newer-format` | a newer version of this package wrote the store |
 * | `held` | something else holds the store's files open |
 * | `unsupported` | the browser, or this page, lacks what the message names |
 * | `failed` | this package failed; the message says how |
 * | `closed` | this mirror was closed |
 * | `io` | the browser failed to read or write |
 */
export type ErrorCode =
  | "bad-value"
  | "unknown"
  | "stopped"
  | "full"
  | "key-missing"
  | "files-missing"
  | "wrong-key"
  | "damaged"
  | "newer-format"
  | "held"
  | "unsupported"
  | "failed"
  | "closed"
  | "io";

/** An error of this package. */
export class ActiveMirrorError extends Error {
  override readonly name: string = "ActiveMirrorError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** How strongly a policy objects. */
export type Outcome = "allow" | "mask" | "drop" | "require-approval" | "deny";

/** A policy stopped an event. It is recorded as one that was tried; the agent must not go on. */
export class PolicyError extends ActiveMirrorError {
  override readonly name = "PolicyError";
  readonly outcome: Outcome;
  /** The event that was stopped, or the trace or session that must not begin. */
  readonly eventId: string;

  constructor(eventId: string, outcome: Outcome, reason: string) {
    super("stopped", outcome === "deny" ? reason : `a person has to approve this first: ${reason}`);
    this.eventId = eventId;
    this.outcome = outcome;
  }
}

/** An error on its way between tabs, which class instances do not survive. */
export interface Failure {
  code: ErrorCode;
  message: string;
}

/** Anything that was thrown, as a failure. */
export function failure(thrown: unknown): Failure {
  if (isFailure(thrown)) return { code: thrown.code, message: thrown.message };
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return { code: "failed", message };
}

function isFailure(thrown: unknown): thrown is Failure {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && typeof thrown.code === "string";
}

/** A trap, or the stack's end: the module stopped in the middle of something. */
export function isCrash(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError;
}
