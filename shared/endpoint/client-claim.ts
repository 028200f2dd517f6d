/** Who the client says it is (protocol §5.1, §7). The device fields are demanded by paired workers only. */
export interface ClientClaim {
  readonly userId: string;
  readonly devicePublicKey?: Uint8Array;
  /** Over "leapmux-claim-v1" || channel binding || user id. */
  readonly signature?: Uint8Array;
  /** Serialised grants exactly as they were signed. */
  readonly grants?: readonly Uint8Array[];
}
