/** For tests: a service with a method of each kind, over the messages of the terminal service. */
import { create, createFileRegistry } from "@bufbuild/protobuf";
import type { GenService } from "@bufbuild/protobuf/codegenv2";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import {
  type AttachTerminalRequest_InputSchema,
  type AttachTerminalResponse_OutputSchema,
  file_leapmux_sealed_v1_terminal,
} from "@leapmux/proto/sealed/v1/terminal_pb.ts";

type Input = typeof AttachTerminalRequest_InputSchema;
type Output = typeof AttachTerminalResponse_OutputSchema;

const inputType = ".leapmux.sealed.v1.AttachTerminalRequest.Input";
const outputType = ".leapmux.sealed.v1.AttachTerminalResponse.Output";

const file = create(FileDescriptorProtoSchema, {
  name: "leapmux/test/echo.proto",
  package: "leapmux.test",
  syntax: "proto3",
  dependency: ["leapmux/sealed/v1/terminal.proto"],
  service: [
    {
      name: "EchoService",
      method: [
        { name: "Echo", inputType, outputType },
        { name: "Repeat", inputType, outputType, serverStreaming: true },
        { name: "Collect", inputType, outputType, clientStreaming: true },
        { name: "Chat", inputType, outputType, clientStreaming: true, serverStreaming: true },
      ],
    },
  ],
});

const registry = createFileRegistry(file, (name) =>
  name === "leapmux/sealed/v1/terminal.proto" ? file_leapmux_sealed_v1_terminal : undefined,
);

export const EchoService = registry.getService("leapmux.test.EchoService") as GenService<{
  echo: { methodKind: "unary"; input: Input; output: Output };
  repeat: { methodKind: "server_streaming"; input: Input; output: Output };
  collect: { methodKind: "client_streaming"; input: Input; output: Output };
  chat: { methodKind: "bidi_streaming"; input: Input; output: Output };
}>;
