import { type IDBPDatabase, openDB } from "idb";
import type { DeviceKeyStorage } from "./stored-device-key.ts";

const store = "device-key";
/** There is one device key. */
const entry = "device";

/**
 * The device key of this browser profile in IndexedDB, which is kept per origin and so per hub. A
 * database of its own, beside the pins: whoever clears one of them does not lose the other.
 */
export function makeDeviceKeyDatabase(name = "leapmux-device"): DeviceKeyStorage {
  let opening: Promise<IDBPDatabase> | undefined;

  function open(): Promise<IDBPDatabase> {
    opening ??= openDB(name, 1, {
      upgrade(database) {
        database.createObjectStore(store);
      },
      blocking(_current, _blocked, event) {
        opening = undefined;
        (event.target as IDBDatabase).close();
      },
      terminated() {
        opening = undefined;
      },
    }).catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  return {
    async get() {
      return (await open()).get(store, entry) as Promise<unknown>;
    },
    async addIfAbsent(made) {
      const transaction = (await open()).transaction(store, "readwrite");
      const found: unknown = await transaction.store.get(entry);
      if (found === undefined) await transaction.store.put(made, entry);
      await transaction.done;
      return found ?? made;
    },
    async delete() {
      await (await open()).delete(store, entry);
    },
  };
}
