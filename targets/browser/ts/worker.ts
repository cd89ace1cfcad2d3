/**
 * The leading tab's Worker: opens the store, takes requests in the order in which they come, makes
 * what is to be recorded durable in as few commits as possible, and answers.
 */
import { failure } from "./errors.js";
import type { Order, State } from "./leadership.js";
import { Desk } from "./desk.js";

let desk: Desk | undefined;

self.onmessage = async ({ data }: MessageEvent<Order>) => {
  if ("store" in data) {
    desk = new Desk(data.store, data.epoch, () => tell("broken"));
  } else {
    await desk?.close().catch((thrown: unknown) => console.warn("activemirror:", failure(thrown).message));
    tell("closed");
  }
};

function tell(state: State): void {
  self.postMessage(state);
}

tell("alive");
