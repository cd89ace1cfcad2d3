/** The store's files: `activemirror/NAME/log.redb` and `subjects.keys` in the origin-private file system. */
import { ActiveMirrorError } from "./errors.js";

const FOLDER = "activemirror";
const LOG = "log.redb";
const KEYS = "subjects.keys";

/** A Worker that was terminated while it was busy holds its files for two seconds more. */
const HELD_MS_MAX = 15_000;
const HELD_MS_STEP = 50;

/** Both files, held by this Worker alone. */
export interface Files {
  log: FileSystemSyncAccessHandle;
  keys: FileSystemSyncAccessHandle;
}

/** Opens both files, and makes them where they are not there. */
export async function openFiles(store: string): Promise<Files> {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(FOLDER, { create: true });
  const own = await folder.getDirectoryHandle(store, { create: true });
  const hold = async (name: string) => {
    const file = await own.getFileHandle(name, { create: true });
    return onceFree(name, () => file.createSyncAccessHandle());
  };
  return { log: await hold(LOG), keys: await hold(KEYS) };
}

/** Removes both files. */
export async function removeFiles(store: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  try {
    const folder = await root.getDirectoryHandle(FOLDER);
    await onceFree(store, () => folder.removeEntry(store, { recursive: true }));
  } catch (thrown) {
    if (!isNamed(thrown, "NotFoundError")) throw thrown;
  }
}

/** Does it as soon as nobody holds what it is done to. */
async function onceFree<T>(name: string, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + HELD_MS_MAX;
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      if (!isNamed(thrown, "NoModificationAllowedError")) throw thrown;
      if (Date.now() > deadline) throw new ActiveMirrorError("held", `something else holds ${name} open`);
    }
    await new Promise((resolve) => setTimeout(resolve, HELD_MS_STEP));
  }
}

function isNamed(thrown: unknown, name: string): boolean {
  return thrown instanceof DOMException && thrown.name === name;
}
