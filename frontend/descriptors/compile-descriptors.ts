import { fromBinary, isFieldSet } from "@bufbuild/protobuf";
import { protoCamelCase, safeObjectProperty } from "@bufbuild/protobuf/reflect";
import { base64Decode } from "@bufbuild/protobuf/wire";
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FieldDescriptorProtoSchema as FieldSchema,
  FileDescriptorProtoSchema,
  type MethodDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import type { Plugin } from "vite";
import {
  type CompactField,
  type CompactFile,
  type CompactMember,
  type CompactMessage,
  type CompactMethod,
  methodKinds,
  optional,
  repeated,
} from "./compact-file.ts";

/**
 * Generated code carries each proto file as base64 and brings the machinery to read it: the
 * descriptors of descriptors, editions, text format. A built page gets what comes out of that
 * instead, 11 KiB of gzip less with every first load. The development server and all tests but those
 * in a browser run on the library's own; compile-descriptors.test.ts holds both together.
 */
export function compileDescriptors(linker: string): Plugin {
  return {
    name: "leapmux-compile-descriptors",
    apply: "build",
    enforce: "pre",
    transform(code, id) {
      if (!/\/proto\/gen\/.+_pb\.ts$/.test(id)) return null;
      const [call, base64] = /fileDesc\("([\w+/=]+)"/.exec(code) ?? [];
      const [, names] = /^(import \{.+\} from )"@bufbuild\/protobuf\/codegenv2"/m.exec(code) ?? [];
      if (!call || !base64 || !names) this.error(`${id} is not generated as it used to be`);
      const compact = JSON.stringify(compileFile(base64));
      return {
        code: code
          .replace(call, () => `fileDesc(${compact}`)
          .replace(`${names}"@bufbuild/protobuf/codegenv2"`, () => names + JSON.stringify(linker)),
        map: null,
      };
    },
  };
}

export function compileFile(base64: string): CompactFile {
  const file = fromBinary(FileDescriptorProtoSchema, base64Decode(base64));
  // What would need more of a descriptor than is carried must not pass unnoticed.
  must(file.syntax === "proto3" && file.extension.length === 0, file.name);
  must(file.publicDependency.length === 0, file.name);
  for (const { name, value } of file.enumType) must(value[0]?.number === 0, name);
  const shorten = (typeName: string): string => {
    const own = `.${file.package}.`;
    return typeName.startsWith(own) ? typeName.slice(own.length) : typeName;
  };
  return [
    file.package,
    file.messageType.map((message) => compileMessage(message, shorten)),
    file.enumType.map(({ name }) => name),
    file.service.map(({ name, method }) => [
      name,
      method.map((each) => compileMethod(each, shorten)),
    ]),
  ];
}

type Shorten = (typeName: string) => string;

function compileMessage(message: DescriptorProto, shorten: Shorten): CompactMessage {
  // An option says that it is an entry of a map.
  must(message.options === undefined && message.extension.length === 0, message.name);
  must(message.enumType.length === 0, message.name);
  const members: CompactMember[] = [];
  const oneofs = new Map<number, CompactField[]>();
  for (const field of message.field) {
    const compiled = compileField(field, shorten);
    const oneof = message.oneofDecl[field.oneofIndex];
    if (!isFieldSet(field, FieldSchema.field.oneofIndex) || field.proto3Optional || !oneof) {
      members.push(compiled);
      continue;
    }
    const fields = oneofs.get(field.oneofIndex) ?? [];
    if (fields.length === 0) {
      oneofs.set(field.oneofIndex, fields);
      members.push([safeObjectProperty(protoCamelCase(oneof.name)), fields]);
    }
    fields.push(compiled);
  }
  const nested = message.nestedType.map((each) => compileMessage(each, shorten));
  return nested.length > 0 ? [message.name, members, nested] : [message.name, members];
}

function compileField(field: FieldDescriptorProto, shorten: Shorten): CompactField {
  must(field.options === undefined && field.defaultValue === "", field.name);
  must(field.type !== Type.GROUP && field.label !== Label.REQUIRED, field.name);
  // Those of a oneof may be called what a message of its own could not; none is.
  const localName = safeObjectProperty(protoCamelCase(field.name));
  must(localName === protoCamelCase(field.name), field.name);
  const isRepeated = field.label === Label.REPEATED;
  const type = field.type + (isRepeated ? repeated : 0) + (field.proto3Optional ? optional : 0);
  return field.typeName === ""
    ? [localName, field.number, type]
    : [localName, field.number, type, shorten(field.typeName)];
}

function compileMethod(method: MethodDescriptorProto, shorten: Shorten): CompactMethod {
  must(method.options === undefined, method.name);
  const kind = (method.serverStreaming ? 1 : 0) + (method.clientStreaming ? 2 : 0);
  must(methodKinds[kind] !== undefined, method.name);
  return [method.name, kind, shorten(method.inputType), shorten(method.outputType)];
}

function must(isTrue: boolean, name: string): void {
  if (!isTrue) throw new Error(`${name} declares something that descriptors/ does not know`);
}
