import type { PairingOutcome } from "@leapmux/worker/trust/await-pairing.ts";
import { unpaired } from "./unpaired.ts";

/** How the pairing of a registration ended, for whoever sits at the worker; `null`: it changes nothing for them. */
export function describePairing(
  outcome: PairingOutcome,
  clientAuth: "paired" | "hub",
): { readonly by: "print" | "warn"; readonly text: string } | null {
  if (outcome === "paired") {
    const text = "Paired with the device that showed the command: it is trusted from now on.";
    return { by: "print", text };
  }
  if (clientAuth === "hub") return null;
  return { by: "warn", text: describeFailure(outcome) };
}

function describeFailure(outcome: Exclude<PairingOutcome, "paired">): string {
  switch (outcome) {
    case "expired":
    case "failed":
      return unpaired;
    case "guessed":
      return `the pairing ended after too many wrong answers: the hub, or somebody there, may be guessing.\n${unpaired}`;
    case "revoked":
      return [
        "the device that showed the command was revoked on this worker earlier, and it stays revoked.",
        "If it is yours again, trust it here:",
        "  leapmux worker devices approve WORDS",
      ].join("\n");
  }
}
