import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Pin, PinStorage } from "@leapmux/shared/identity/pin-store.ts";

/**
 * The pins of this browser in IndexedDB, shared by all its pages (protocol §8). Opened at first use.
 * What does not look like a pin counts as absent only if it is: a damaged entry throws, because
 * forgetting a pin silently would be trusting anybody.
 */
interface PinSchema extends DBSchema {
  pins: { key: string; value: Pin };
}

export function makePinDatabase(name = "leapmux-trust"): PinStorage {
  let opening: Promise<IDBPDatabase<PinSchema>> | undefined;

  function open(): Promise<IDBPDatabase<PinSchema>> {
    opening ??= openDB<PinSchema>(name, 1, {
      upgrade(database) {
        database.createObjectStore("pins", { keyPath: "workerId" });
      },
      blocking(_current, _blocked, event) {
        // A newer version of the page upgrades: let go, and open anew when asked again.
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
    async get(workerId) {
      const pin = await (await open()).get("pins", workerId);
      if (!pin) return null;
      if (!(pin.compositeKey instanceof Uint8Array) || typeof pin.lastUsedAtMs !== "number") {
        throw new Error("a stored pin is damaged");
      }
      return pin;
    },
    async put(pin) {
      await (await open()).put("pins", pin);
    },
    async delete(workerId) {
      await (await open()).delete("pins", workerId);
    },
    async list() {
      return (await open()).getAll("pins");
    },
  };
}
