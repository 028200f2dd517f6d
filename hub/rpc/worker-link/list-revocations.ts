import type { DeviceRevocations } from "../../store/device-revocations.ts";

/** Of at most 16 KiB each: half of what one message of a link may have. */
export const revocationsPerMessage = 32;

/** Every revocation of an account, in pages that fit one message, read as they are taken. */
export async function* listRevocations(
  revocations: DeviceRevocations,
  userId: string,
): AsyncGenerator<Uint8Array[], void, undefined> {
  let seen = 0;
  for (;;) {
    const page = await revocations.list(userId, seen, revocationsPerMessage);
    if (page.length > 0) yield page.map((each) => each.signed_revocation);
    if (page.length < revocationsPerMessage) return;
    seen = page.at(-1)?.sequence ?? seen;
  }
}
