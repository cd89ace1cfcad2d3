/**
 * An agent's memory in a browser tab: what it thought, did and said, sealed under each person's own
 * key, provable, offline.
 *
 * ```ts
 * import { ActiveMirror } from "activemirror";
 *
 * const mirror = await ActiveMirror.open();
 * const trace = await mirror.trace({ agentId: "support", userId: "ada" });
 * await trace.action("look_up_order", { order: "A-17" }, { intent: "refund", confidence: 0.9 });
 * await trace.end();
 * console.log(await mirror.read(trace.id), await mirror.verify());
 * ```
 */
export { ActiveMirrorError, PolicyError, type ErrorCode, type Outcome } from "./errors.js";
export { ActiveMirror, type OpenOptions } from "./mirror.js";
export type { Session } from "./session.js";
export type { Trace } from "./trace.js";
export type * from "./types.js";
