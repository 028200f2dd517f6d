/**
 * What a proto file declares, as far as its bytes on the wire are concerned: the form in which built
 * pages carry it. compile-descriptors writes it, link-descriptors builds on it. Types are named within
 * the package, or in full where they come from another one. proto3, and of it only what we use.
 */
export type CompactFile = readonly [
  packageName: string,
  messages: readonly CompactMessage[],
  /** Their names; the first value of each is 0. */
  enums: readonly string[],
  services: readonly (readonly [name: string, methods: readonly CompactMethod[]])[],
];

export type CompactMessage = readonly [
  name: string,
  members: readonly CompactMember[],
  nested?: readonly CompactMessage[],
];

export type CompactMember = CompactField | CompactOneof;

export type CompactField = readonly [
  localName: string,
  number: number,
  /** As in FieldDescriptorProto, plus what follows. */
  type: number,
  /** Of messages and enums. */
  typeName?: string,
];

type CompactOneof = readonly [localName: string, fields: readonly CompactField[]];

export type CompactMethod = readonly [
  name: string,
  /** An index of methodKinds. */
  kind: number,
  input: string,
  output: string,
];

export const messageType = 11;
export const enumType = 14;
export const repeated = 32;
/** Says whether it is there, although it is a scalar. */
export const optional = 64;

export const methodKinds = [
  "unary",
  "server_streaming",
  "client_streaming",
  "bidi_streaming",
] as const;
