import type { DescFile } from "@bufbuild/protobuf";
import {
  type CompactField,
  type CompactFile,
  type CompactMessage,
  enumType,
  messageType,
  methodKinds,
  optional,
  repeated,
} from "./compact-file.ts";

/**
 * Takes the place of "@bufbuild/protobuf/codegenv2" in the generated code of a built page: the same
 * functions, on what compile-descriptors made of the files. The descriptors have all that reading and
 * writing bytes and calling methods need, and nothing for JSON, text and reflection.
 */
const proto3 = 999;
const explicit = 1;
const implicit = 2;
const stringType = 9;
const bytesType = 12;

/** A descriptor, of which some is filled in; compile-descriptors.test.ts says what. */
type Loose = Record<string, unknown>;
type Find = (name?: string) => Loose | undefined;

/** The types of a file and those that it may name, by full name. */
const typesOf = new WeakMap<object, Map<string, Loose>>();

export function fileDesc(compact: CompactFile, imports: readonly object[] = []): DescFile {
  const [packageName, messages, enums, services] = compact;
  const types = new Map(imports.flatMap((each) => [...(typesOf.get(each) ?? [])]));
  const find: Find = (name = "") =>
    types.get(name.startsWith(".") ? name.slice(1) : `${packageName}.${name}`);
  const file: Loose = { kind: "file", edition: proto3 };
  typesOf.set(file, types);
  const fill: (() => void)[] = [];

  function declare(kind: string, typeName: string): Loose {
    const type = { kind, typeName, file, toString: () => `${kind} ${typeName}` };
    types.set(typeName, type);
    return type;
  }
  function declareMessage(prefix: string, [name, members, nested]: CompactMessage): Loose {
    const typeName = `${prefix}.${name}`;
    const message = declare("message", typeName);
    message["nestedMessages"] = nested?.map((each) => declareMessage(typeName, each));
    fill.push(() => addMembers(message, members, find));
    return message;
  }

  // 1. All types, so that fields can name each other's.
  file["messages"] = messages.map((each) => declareMessage(packageName, each));
  file["enums"] = enums.map((name) => {
    const type = declare("enum", `${packageName}.${name}`);
    return Object.assign(type, { open: true, values: [{ number: 0 }] });
  });
  // 2. What they hold, and who takes them.
  for (const run of fill) run();
  file["services"] = services.map(([serviceName, methods]) => {
    const service = declare("service", `${packageName}.${serviceName}`);
    const made = methods.map(([name, kind, input, output]) => ({
      kind: "rpc",
      parent: service,
      name,
      localName: name.charAt(0).toLowerCase() + name.slice(1),
      methodKind: methodKinds[kind],
      input: find(input),
      output: find(output),
      idempotency: 0,
    }));
    const method = Object.fromEntries(made.map((each) => [each.localName, each]));
    return Object.assign(service, { methods: made, method });
  });
  return file as unknown as DescFile;
}

function addMembers(message: Loose, members: CompactMessage[1], find: Find): void {
  const fields: Loose[] = [];
  const add = (compact: CompactField, oneof?: Loose): Loose => {
    const field = makeField(compact, message, oneof, find);
    fields.push(field);
    return field;
  };
  const made = members.map((member) => {
    if (typeof member[1] === "number") return add(member as CompactField);
    const oneof: Loose = { kind: "oneof", parent: message, localName: member[0] };
    oneof["fields"] = member[1].map((each) => add(each, oneof));
    return oneof;
  });
  Object.assign(message, { fields, members: made });
}

function makeField(
  [localName, number, flags, typeName]: CompactField,
  parent: Loose,
  oneof: Loose | undefined,
  find: Find,
): Loose {
  const isList = (flags & repeated) !== 0;
  const type = flags & (repeated - 1);
  const kind = type === messageType ? "message" : type === enumType ? "enum" : "scalar";
  const hasPresence = oneof !== undefined || (flags & optional) !== 0 || kind === "message";
  return {
    kind: "field",
    parent,
    oneof,
    // Of the name in the proto file only messages of errors would make use.
    name: localName,
    localName,
    number,
    fieldKind: isList ? "list" : kind,
    listKind: isList ? kind : undefined,
    [kind]: kind === "scalar" ? type : find(typeName),
    presence: hasPresence && !isList ? explicit : implicit,
    utf8Validation: true,
    longAsString: false,
    delimitedEncoding: false,
    packed: isList && kind !== "message" && type !== stringType && type !== bytesType,
    getDefaultValue: () => undefined,
    toString: () => `field ${String(parent["typeName"])}.${localName}`,
  };
}

type Path = readonly [first: number, ...rest: number[]];

export function messageDesc(file: DescFile, ...[first, ...rest]: Path): unknown {
  return rest.reduce((message, index) => message?.nestedMessages[index], file.messages[first]);
}

export function enumDesc(file: DescFile, index: number): unknown {
  return file.enums[index];
}

export function serviceDesc(file: DescFile, index: number): unknown {
  return file.services[index];
}
