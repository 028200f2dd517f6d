/**
 * WebAuthn as the hub speaks it: options and answers as JSON (WebAuthn Level 3, §5.1.8 to §5.1.10).
 * Browsers that cannot convert them themselves yet (Chrome before 129, Safari before 18.4) are done for.
 */
export type PasskeyAnswer =
  | { readonly ok: true; readonly json: string }
  | { readonly ok: false; readonly text: string };

export function canUsePasskeys(): boolean {
  return typeof PublicKeyCredential === "function" && "credentials" in navigator;
}

/** Proves who one is. */
export async function usePasskey(optionsJson: string): Promise<PasskeyAnswer> {
  return ask(async () => {
    const options = JSON.parse(optionsJson) as PublicKeyCredentialRequestOptionsJSON;
    return navigator.credentials.get({ publicKey: parseRequestOptions(options) });
  });
}

/** Makes a new one for this account. */
export async function makePasskey(optionsJson: string): Promise<PasskeyAnswer> {
  return ask(async () => {
    const options = JSON.parse(optionsJson) as PublicKeyCredentialCreationOptionsJSON;
    return navigator.credentials.create({ publicKey: parseCreationOptions(options) });
  });
}

async function ask(run: () => Promise<Credential | null>): Promise<PasskeyAnswer> {
  if (!canUsePasskeys()) {
    return {
      ok: false,
      text: "This browser has no passkeys here. Open LeapMux by https, or use another factor.",
    };
  }
  try {
    const credential = await run();
    if (!(credential instanceof PublicKeyCredential)) return refusals["NotAllowedError"]!;
    return { ok: true, json: JSON.stringify(encodeCredential(credential)) };
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    return Object.hasOwn(refusals, name) ? refusals[name]! : refusals["UnknownError"]!;
  }
}

const refusals: Readonly<Record<string, PasskeyAnswer & { ok: false }>> = {
  NotAllowedError: { ok: false, text: "No passkey was used. Try it again, or use another way." },
  AbortError: { ok: false, text: "No passkey was used. Try it again, or use another way." },
  InvalidStateError: {
    ok: false,
    text: "This device has a passkey for this account already. Use that one, or another device.",
  },
  NotSupportedError: {
    ok: false,
    text: "This device cannot make the kind of passkey that the hub asks for. Use another one.",
  },
  SecurityError: {
    ok: false,
    text: "Passkeys do not work at this address. Open LeapMux by the name that it was set up with.",
  },
  UnknownError: {
    ok: false,
    text: "The passkey did not answer. Try it again, or use another way.",
  },
};

export function parseRequestOptions(
  json: PublicKeyCredentialRequestOptionsJSON,
): PublicKeyCredentialRequestOptions {
  if (typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function") {
    return PublicKeyCredential.parseRequestOptionsFromJSON(json);
  }
  return {
    ...(json as object),
    challenge: decode(json.challenge),
    allowCredentials: (json.allowCredentials ?? []).map(decodeDescriptor),
  };
}

export function parseCreationOptions(
  json: PublicKeyCredentialCreationOptionsJSON,
): PublicKeyCredentialCreationOptions {
  if (typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function") {
    return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  }
  return {
    ...(json as object),
    rp: json.rp,
    pubKeyCredParams: json.pubKeyCredParams,
    challenge: decode(json.challenge),
    user: { ...json.user, id: decode(json.user.id) },
    excludeCredentials: (json.excludeCredentials ?? []).map(decodeDescriptor),
  };
}

export function encodeCredential(credential: PublicKeyCredential): unknown {
  if (typeof credential.toJSON === "function") return credential.toJSON();
  const { id, rawId, type, authenticatorAttachment } = credential;
  return {
    id,
    rawId: encode(rawId),
    type,
    authenticatorAttachment: authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: encodeResponse(credential.response),
  };
}

function encodeResponse(response: AuthenticatorResponse): unknown {
  const clientDataJSON = encode(response.clientDataJSON);
  if ("attestationObject" in response) {
    const made = response as AuthenticatorAttestationResponse;
    return {
      clientDataJSON,
      attestationObject: encode(made.attestationObject),
      transports: made.getTransports(),
    };
  }
  const used = response as AuthenticatorAssertionResponse;
  return {
    clientDataJSON,
    authenticatorData: encode(used.authenticatorData),
    signature: encode(used.signature),
    userHandle: used.userHandle ? encode(used.userHandle) : undefined,
  };
}

function decodeDescriptor(json: PublicKeyCredentialDescriptorJSON): PublicKeyCredentialDescriptor {
  return {
    id: decode(json.id),
    type: "public-key",
    ...(json.transports ? { transports: json.transports as AuthenticatorTransport[] } : {}),
  };
}

function decode(text: string): Uint8Array<ArrayBuffer> {
  const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(bytes, (char) => char.charCodeAt(0));
}

function encode(buffer: ArrayBuffer): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
