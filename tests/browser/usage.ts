// How the package is used from TypeScript; `types.test.mjs` compiles it and never runs it.
import { ActiveMirror, ActiveMirrorError, PolicyError, type Report, type TraceDocument } from "activemirror";

export async function refund(order: string): Promise<TraceDocument> {
  const mirror = await ActiveMirror.open({ name: "shop" });
  const session = await mirror.session({ title: "A refund", userId: "ada" });
  await session.send("user", "Please refund my order.", { channel: "web" });
  const trace = await mirror.trace({ agentId: "support", sessionId: session.id });
  await trace.thought("Is it theirs?", { intent: "refund", confidence: 0.7, alternatives: [{ label: "exchange" }] });
  try {
    await trace.action("refund", { order, cents: 1999n, at: new Date(), reason: undefined });
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const outcome: "allow" | "mask" | "drop" | "require-approval" | "deny" = error.outcome;
    await trace.error(`${error.eventId} ${outcome}`);
  }
  const { sequence } = await trace.output("Done.");
  await trace.end();
  const report: Report = await mirror.verify();
  if (!report.ok || sequence < 0) throw new ActiveMirrorError("damaged", report.logs[0]?.fault?.message ?? "");
  return mirror.read(trace.id, { reveal: true });
}

export async function misuse(mirror: ActiveMirror): Promise<void> {
  // @ts-expect-error an agent has a name
  await mirror.trace({});
  // @ts-expect-error a mirror is opened, never made
  new ActiveMirror();
  const trace = await mirror.trace({ agentId: "a" });
  // @ts-expect-error a function is no structured value
  await trace.action("a", { run: () => 1 });
  // @ts-expect-error confidence is a number
  await trace.thought("a", { confidence: "high" });
  const session = await mirror.session();
  // @ts-expect-error nobody speaks in this role
  await session.send("tool", "hello");
}
