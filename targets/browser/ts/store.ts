/** The open store with everything it needs: files, root key, module, policy. */
import { isCrash } from "./errors.js";
import { type Files, openFiles } from "./files.js";
import { Policy } from "./policy.js";
import { establish, openRootKey } from "./root-key.js";
import load, { Mirror } from "./wasm/store.js";

const POLICY = "pii";

/** A store and the policy that rules on what goes into it. */
export interface OpenStore {
  mirror: Mirror;
  policy: Policy;
}

/** Opens stores on one pair of files, which this Worker keeps until it closes. */
export class StoreFiles {
  readonly #store: string;
  #files: Promise<Files> | undefined;
  #policy: Promise<Policy> | undefined;

  constructor(store: string) {
    this.#store = store;
  }

  /** Opens the store, or makes one. What fails now may work when it is tried again. */
  async open(): Promise<OpenStore> {
    const [files, policy] = await Promise.all([this.#held(), this.#loaded(), load()]);
    const hasFiles = files.log.getSize() > 0 || files.keys.getSize() > 0;
    const { root, established } = await openRootKey(this.#store, hasFiles);
    if (!established) {
      // Whatever lies there is left from an opening that was cut off; nobody was promised anything.
      files.log.truncate(0);
      files.keys.truncate(0);
    }
    const mirror = openMirror(files, root);
    try {
      const { name, version, sha256 } = policy.manifest;
      mirror.introduce(name, version, bytes(sha256), Date.now());
      await establish(this.#store);
      return { mirror, policy };
    } catch (thrown) {
      // What stopped amid something still has it, and says so instead of why it stopped.
      if (!isCrash(thrown)) mirror.free();
      throw thrown;
    }
  }

  /** Lets go of the files. */
  async close(): Promise<void> {
    const files = await this.#files;
    files?.log.close();
    files?.keys.close();
    this.#files = undefined;
  }

  #held(): Promise<Files> {
    return (this.#files ??= retry(openFiles(this.#store), () => (this.#files = undefined)));
  }

  #loaded(): Promise<Policy> {
    return (this.#policy ??= retry(Policy.load(POLICY), () => (this.#policy = undefined)));
  }
}

/** Opens the store, and wipes the root key. */
function openMirror({ log, keys }: Files, root: Uint8Array): Mirror {
  try {
    return Mirror.open(log, keys, root);
  } finally {
    root.fill(0);
  }
}

/** A promise that, where it fails, is forgotten. */
function retry<T>(promise: Promise<T>, forget: () => void): Promise<T> {
  promise.catch(forget);
  return promise;
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
