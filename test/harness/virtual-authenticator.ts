/** An authenticator without a finger: the browser's own virtual one, by the debugging protocol. */
import type { Page } from "playwright-core";

export interface VirtualAuthenticator {
  credentials(): Promise<number>;
}

export async function addVirtualAuthenticator(page: Page): Promise<VirtualAuthenticator> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send("WebAuthn.enable");
  const { authenticatorId } = await devTools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    async credentials() {
      const { credentials } = await devTools.send("WebAuthn.getCredentials", { authenticatorId });
      return credentials.length;
    },
  };
}
