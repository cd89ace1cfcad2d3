// Core alone, and the lines that every machine must agree on.
import load, { computed } from "/vectors/vectors.js";

await load();
Object.assign(globalThis, { computed, ready: true });
