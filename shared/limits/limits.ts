/** Every number of protocol §§2–6 in one place, with its unit and who enforces it. */

/** Device keys and what they sign, bytes (§7): Ed25519 first, ML-DSA-65 behind it. */
export const ed25519PublicKeyBytes = 32;
export const ed25519SignatureBytes = 64;
export const mlDsaPublicKeyBytes = 1952;
export const mlDsaSignatureBytes = 3309;
export const devicePublicKeyBytes = ed25519PublicKeyBytes + mlDsaPublicKeyBytes;
export const deviceSignatureBytes = ed25519SignatureBytes + mlDsaSignatureBytes;

/** The pairing secret of a registration command and the macs made with it, bytes (§7). */
export const pairingSecretBytes = 32;
export const pairingMacBytes = 64;
/** The channel binding that a claim is signed over, bytes (§3). */
export const channelBindingBytes = 64;

/** Grants (§7): how many a claim may show, how long each may be, how many may stand in a row. */
export const maxGrants = 64;
export const maxGrantBytes = 16 * 1024;
export const maxChainLength = 4;
/** Signatures over grants that one claim may cost its worker; an honest chain needs four. */
export const maxGrantSignatureChecks = 16;
export const maxWorkspacesPerGrant = 64;
export const grantSerialBytes = 16;
export const grantLifetimeMs = 90 * 24 * 60 * 60_000;
export const renewGrantBeforeMs = 30 * 24 * 60 * 60_000;

/** Composite static key and its parts, bytes (§2). */
export const x25519KeyBytes = 32;
export const mlKemPublicKeyBytes = 1568;
export const mlKemCiphertextBytes = 1568;
export const slhDsaPublicKeyBytes = 64;
export const slhDsaSignatureBytes = 49_856;
export const compositeKeyBytes = x25519KeyBytes + mlKemPublicKeyBytes + slhDsaPublicKeyBytes;

/** Handshake messages, bytes on the wire (§3). Any other length is an error before any cryptography. */
export const noiseMessageBytes = 48;
export const message1Bytes = { classic: 48, "post-quantum": 1616 } as const;
export const message2Bytes = { classic: 48, "post-quantum": 49_904 } as const;

/** Channel and worker ids, ASCII characters (§3). */
export const maxIdLength = 64;

/** AEAD tag of every frame, bytes. */
export const tagBytes = 16;
/** Plaintext of one chunk, bytes; both ends (§4). */
export const maxChunkBytes = 65_519;
/** Ciphertext of one frame, bytes; hub and both ends (§4). */
export const maxCiphertextBytes = 65_535;

/** Reassembled message, bytes; hub by ciphertext length, both ends (§4). */
export const defaultMaxMessageBytes = 16 * 1024 * 1024;
export const leastMaxMessageBytes = 64 * 1024;
export const mostMaxMessageBytes = 64 * 1024 * 1024;

/**
 * A message without the data of a call, bytes; both ends. Decoding makes objects of it, many times as large:
 * without this bound one message of 16 MiB costs its receiver a gigabyte and seconds, even before the claim.
 */
export const maxEnvelopeBytes = 64 * 1024;

/** A claim may be larger: 64 grants of 7.5 KiB go into it, which decode to no more than their bytes (§7). */
export const maxClaimBytes = 512 * 1024;

/** Nonces under one key (§4): at the soft one the client rekeys, at the hard one both ends refuse. */
export const softNonceLimit = 2 ** 31 - 1;
export const hardNonceLimit = 2 ** 32 - 1;

/** Age of a transport key, ms (§4, §6): the client rekeys, both ends close, the worker's least distance. */
export const rekeyAgeMs = 60 * 60_000;
export const maxKeyAgeMs = 70 * 60_000;
export const leastRekeyIntervalMs = 50 * 60_000;

/** Credit of each stream direction at its start, bytes of message data (§5.6). */
export const startCreditBytes = 256 * 1024;

/** What a message costs of the credit beyond its bytes, so that empty ones are bounded too (§5.6). */
export const messageOverheadBytes = 32;

/** Calls open at once in one channel; both ends. */
export const maxOpenCalls = 256;

/** Headers or trailers of one call; further ones are left out. */
export const maxCallHeaders = 64;

/** Longest deadline of a call, ms: what the timers of browsers and Node can hold. Longer ones are cut to it. */
export const maxTimeoutMs = 2 ** 31 - 1;

/** The protocol inside the channel. */
export const protocolVersion = 1;

/** A channel whose opening is not finished after this is closed, ms; both ends. */
export const openTimeoutMs = 30_000;
