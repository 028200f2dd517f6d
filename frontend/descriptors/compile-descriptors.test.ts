import {
  create,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescMethod,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from "@bufbuild/protobuf";
import { MessageSchema } from "@leapmux/proto/sealed/v1/message_pb.ts";
import { describe, expect, it } from "vitest";
import { compileFile } from "./compile-descriptors.ts";
import { enumDesc, fileDesc, messageDesc, serviceDesc } from "./link-descriptors.ts";

type Module = Record<string, DescFile | { kind?: string }>;
const sources = import.meta.glob<string>("../../proto/gen/**/*_pb.ts", {
  eager: true,
  query: "?raw",
  import: "default",
});
const modules = import.meta.glob<Module>("../../proto/gen/**/*_pb.ts", { eager: true });

/** The library's own descriptor of each file, and ours. */
const files = new Map<DescFile, DescFile>();
function link(path: string): DescFile {
  const theirs = Object.values(modules[path] ?? {}).find(({ kind }) => kind === "file") as DescFile;
  const known = files.get(theirs);
  if (known) return known;
  const base64 = /fileDesc\("([\w+/=]+)"/.exec(sources[path] ?? "")?.[1] ?? "";
  const imports = theirs.dependencies.map(({ name }) => link(`../../proto/gen/${name}_pb.ts`));
  const ours = fileDesc(compileFile(base64), imports);
  files.set(theirs, ours);
  return ours;
}
for (const path of Object.keys(sources)) link(path);

/** All that the library asks a descriptor for when it creates, reads and writes messages, or calls. */
function describeField(field: DescField): unknown {
  const { number, localName, fieldKind, scalar, presence, utf8Validation } = field;
  return {
    ...{ number, localName, fieldKind, scalar, presence, utf8Validation },
    listKind: fieldKind === "list" ? field.listKind : undefined,
    message: field.message?.typeName,
    enum: field.enum?.typeName,
    oneof: field.oneof?.localName,
    parent: field.parent.typeName,
    longAsString: fieldKind === "scalar" && field.longAsString,
    isPacked: fieldKind === "list" && field.packed,
    isDelimited: field.message !== undefined && field.delimitedEncoding,
    defaultValue: fieldKind === "scalar" || fieldKind === "enum" ? field.getDefaultValue() : null,
  };
}
function describeMessage(message: DescMessage): unknown {
  return {
    kind: message.kind,
    typeName: message.typeName,
    text: String(message),
    edition: message.file.edition,
    fields: message.fields.map(describeField),
    members: message.members.map((member) =>
      member.kind === "oneof" ? member.fields.map(describeField) : describeField(member),
    ),
    nested: message.nestedMessages?.map(describeMessage) ?? [],
  };
}
function describeMethod(method: DescMethod): unknown {
  const { kind, name, localName, methodKind, idempotency } = method;
  const [input, output] = [method.input.typeName, method.output.typeName];
  return { kind, name, localName, methodKind, idempotency, input, output };
}
function describeFile(file: DescFile): unknown {
  return {
    messages: file.messages.map(describeMessage),
    enums: file.enums.map(({ kind, typeName, open, values }) => {
      return { kind, typeName, open, zero: values[0]?.number };
    }),
    services: file.services.map(({ kind, typeName, methods, method }) => {
      const byName = Object.values(method).map(describeMethod);
      return { kind, typeName, methods: methods.map(describeMethod), byName };
    }),
  };
}

describe("compiled descriptors", () => {
  it("are those of every generated file", () => {
    expect(files.size).toBeGreaterThan(10);
    for (const [theirs, ours] of files) expect(describeFile(ours)).toEqual(describeFile(theirs));
  });

  it("are found by the places that generated code gives", () => {
    for (const [theirs, ours] of files) {
      theirs.messages.forEach((message, index) => {
        expect(messageDesc(ours, index)).toMatchObject({ typeName: message.typeName });
        message.nestedMessages.forEach((nested, place) =>
          expect(messageDesc(ours, index, place)).toMatchObject({ typeName: nested.typeName }),
        );
      });
      theirs.enums.forEach(({ typeName }, index) =>
        expect(enumDesc(ours, index)).toMatchObject({ typeName }),
      );
      theirs.services.forEach(({ typeName }, index) =>
        expect(serviceDesc(ours, index)).toMatchObject({ typeName }),
      );
    }
  });

  it("write and read the same bytes", () => {
    const ours = files
      .get(MessageSchema.file)
      ?.messages.find(
        ({ typeName }) => typeName === MessageSchema.typeName,
      ) as typeof MessageSchema;
    const samples: MessageInitShape<typeof MessageSchema>[] = [
      {},
      { body: { case: "data", value: new Uint8Array([1, 2, 3]) } },
      { body: { case: "ping", value: { nonce: 7n } } },
      {
        body: {
          case: "userIdClaim",
          value: { userId: "usr_ä", grants: [new Uint8Array(2)], protocolVersions: [1, 300] },
        },
      },
      { body: { case: "callStart", value: { data: new Uint8Array(0) } } },
      { body: { case: "callStart", value: {} } },
    ];
    for (const sample of samples) {
      const bytes = toBinary(MessageSchema, create(MessageSchema, sample));
      expect(toBinary(ours, create(ours, sample))).toEqual(bytes);
      expect(fromBinary(ours, bytes)).toEqual(fromBinary(MessageSchema, bytes));
    }
  });

  it("refuse a file that declares more than they hold", () => {
    // syntax = "proto2"
    expect(() => compileFile(btoa("\n\u0001a"))).toThrow("a declares");
    // syntax = "proto3" with an extension
    expect(() => compileFile(btoa("\n\u0001a:\u0000b\u0006proto3"))).toThrow("a declares");
  });
});
