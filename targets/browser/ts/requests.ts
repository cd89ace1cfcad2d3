/** What each request comes to: something to record, or something to read. */
import { ActiveMirrorError, failure } from "./errors.js";
import type { Head, NewEvent, NewMessage, Receipt, Request, Start } from "./protocol.js";
import type { Entry, Mirror } from "./wasm/store.js";

/**
 * Something to record, and the answer once it is durable; or something to read once everything
 * before it is.
 */
export type Work = { entry: Entry; answer: (receipt: Receipt) => unknown } | { read: () => unknown };

/** What this request comes to. */
export function handle(mirror: Mirror, request: Request): Work {
  const { ask, again } = request;
  switch (ask.op) {
    case "hello":
      return { read: () => true };
    case "start":
      return start(mirror, ask.start, again);
    case "event":
      return event(mirror, ask.event, again);
    case "head":
      return head(mirror, ask.head, again);
    case "message":
      return message(mirror, ask.message, again);
    case "traces":
      return { read: () => mirror.traces() };
    case "sessions":
      return { read: () => mirror.sessions() };
    case "read":
      return ask.reveal ? reveal(mirror, request, ask.trace, "read") : { read: () => mirror.read(ask.trace) };
    case "session":
      return ask.reveal ? reveal(mirror, request, ask.id, "session") : { read: () => mirror.session(ask.id) };
    case "erase":
      return { read: () => erase(mirror, ask.user, again) };
    case "verify":
      return { read: () => mirror.verify() };
  }
}

function start(mirror: Mirror, asked: Start, again: boolean): Work {
  const { traceId, sessionId } = asked;
  const userId = asked.userId ?? (sessionId === undefined ? undefined : mirror.user(sessionId));
  const answer = (receipt: Receipt) => ({ userId, receipt });
  if (!mirror.has(traceId)) return { entry: mirror.start({ ...asked, userId }), answer };
  if (again) return { read: () => answer(mirror.receipt(traceId, undefined)) };
  throw new ActiveMirrorError("bad-value", `there is a trace \`${traceId}\` already`);
}

function event(mirror: Mirror, asked: NewEvent, again: boolean): Work {
  const known = again ? mirror.receipt(asked.trace.traceId, asked.eventId) : undefined;
  return known ? { read: () => known } : { entry: mirror.event(asked), answer: (receipt) => receipt };
}

function head(mirror: Mirror, asked: Head, again: boolean): Work {
  const entry = mirror.head(asked);
  const known = again ? mirror.known(entry) : undefined;
  return known ? { read: () => known } : { entry, answer: (receipt) => receipt };
}

function message(mirror: Mirror, asked: NewMessage, again: boolean): Work {
  const known = again ? mirror.receipt(asked.sessionId, asked.id) : undefined;
  return known ? { read: () => known } : { entry: mirror.message(asked), answer: (receipt) => receipt };
}

/** Originals, after the log has kept that somebody asked. */
function reveal(mirror: Mirror, { from, id, again }: Request, of: string, what: "read" | "session"): Work {
  const read = () => (what === "read" ? mirror.readOriginals(of) : mirror.sessionOriginals(of));
  const alias = `${from}/${id}`;
  if (again && mirror.receipt(of, alias)) return { read };
  if (!mirror.has(of)) throw new ActiveMirrorError("unknown", `there is no trace or session \`${of}\` in this store`);
  return { entry: mirror.revealed(of, `${what} in a browser`, alias, Date.now()), answer: read };
}

function erase(mirror: Mirror, user: string, again: boolean): number {
  try {
    return mirror.erase(user, Date.now());
  } catch (thrown) {
    if (again && failure(thrown).code === "unknown") return 0;
    throw thrown;
  }
}
