/**
 * The root key: 32 random bytes, wrapped by a key that lies in IndexedDB and that the browser does
 * not give out. Both go when the user clears the site's data, and nothing of the store opens then.
 */
import { ActiveMirrorError } from "./errors.js";

const DATABASE = "activemirror";
const KEYS = "keys";
const ROOT_BYTES = 32;
const IV_BYTES = 12;

/** What IndexedDB holds of one store. */
interface Kept {
  /** AES-256-GCM; not extractable. */
  wrapping: CryptoKey;
  iv: Uint8Array<ArrayBuffer>;
  wrapped: ArrayBuffer;
  /** Whether the store was there once: an empty one is a lost one then, not a new one. */
  established: boolean;
}

/** The root key, which whoever gets it wipes, and whether anything was ever stored under it. */
export interface RootKey {
  root: Uint8Array<ArrayBuffer>;
  established: boolean;
}

/** The root key of a store whose files are there, or are not. */
export async function openRootKey(store: string, hasFiles: boolean): Promise<RootKey> {
  const kept = await withKeys<Kept | undefined>("readonly", (keys) => keys.get(store));
  if (kept?.established && !hasFiles) throw missing("files-missing", store);
  if (kept) return { root: await unwrap(store, kept), established: kept.established };
  if (hasFiles) throw missing("key-missing", store);
  const root = crypto.getRandomValues(new Uint8Array(ROOT_BYTES));
  const fresh = await wrap(store, root);
  await withKeys("readwrite", (keys) => keys.put(fresh, store));
  return { root, established: false };
}

/** Notes that the store is there; before that, nothing that was written is owed to anybody. */
export async function establish(store: string): Promise<void> {
  const kept = await withKeys<Kept | undefined>("readonly", (keys) => keys.get(store));
  if (kept && !kept.established) {
    await withKeys("readwrite", (keys) => keys.put({ ...kept, established: true } satisfies Kept, store));
  }
}

/** Forgets the key: nothing of the store can be opened any more. */
export async function forgetRootKey(store: string): Promise<void> {
  await withKeys("readwrite", (keys) => keys.delete(store));
}

function missing(code: "key-missing" | "files-missing", store: string): ActiveMirrorError {
  const [gone, left] = code === "key-missing" ? ["the browser's key to it", "its files"] : ["its files", "its key"];
  const message =
    `the store "${store}" cannot be opened: ${left} are here, but ${gone} is gone` +
    " (was a part of the site's data cleared?)." +
    ` Restore the site's data, or give the store up with ActiveMirror.forget({ name: "${store}" })`;
  return new ActiveMirrorError(code, message);
}

async function wrap(store: string, root: Uint8Array<ArrayBuffer>): Promise<Kept> {
  const wrapping = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  return { wrapping, iv, wrapped: await crypto.subtle.encrypt(cipher(store, iv), wrapping, root), established: false };
}

async function unwrap(store: string, kept: Kept): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(cipher(store, kept.iv), kept.wrapping, kept.wrapped));
  } catch (cause) {
    throw new ActiveMirrorError("wrong-key", `the root key of the store "${store}" does not unwrap`, { cause });
  }
}

function cipher(store: string, iv: Uint8Array<ArrayBuffer>): AesGcmParams {
  const additionalData = new TextEncoder().encode(`activemirror/v1/root-key/${store}`);
  return { name: "AES-GCM", iv, additionalData };
}

/** Runs one request in a transaction of its own, and returns when that is on the disk. */
async function withKeys<T>(mode: IDBTransactionMode, work: (keys: IDBObjectStore) => IDBRequest): Promise<T> {
  const database = await openDatabase();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(KEYS, mode, { durability: "strict" });
      const request = work(transaction.objectStore(KEYS));
      transaction.oncomplete = () => resolve(request.result as T);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

function openDatabase(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(KEYS);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}
