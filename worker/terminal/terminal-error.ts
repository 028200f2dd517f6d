import { Code, ConnectError } from "@connectrpc/connect";

/** Refusals of the terminal service, in one place: a code for programs, words for people, no path, no input. */
export const terminalErrors = {
  notFound: () => new ConnectError("no such terminal", Code.NotFound),
  notGranted: () => new ConnectError("this device was not granted that", Code.PermissionDenied),
  exists: () => new ConnectError("this id belongs to another terminal", Code.AlreadyExists),
  tooMany: () => new ConnectError("too many terminals", Code.ResourceExhausted),
  badId: () => new ConnectError("an id is not valid", Code.InvalidArgument),
  badSize: () =>
    new ConnectError("the size must be 1 to 1000 columns and rows", Code.InvalidArgument),
  badTitle: () => new ConnectError("the title is too long", Code.InvalidArgument),
  badCommand: () => new ConnectError("the command is too long or not text", Code.InvalidArgument),
  badShell: () => new ConnectError("not a shell of this machine", Code.InvalidArgument),
  notAbsolute: () => new ConnectError("the directory must be absolute", Code.InvalidArgument),
  noDirectory: () => new ConnectError("no such directory", Code.FailedPrecondition),
  noPty: () => new ConnectError("the machine has no terminal left", Code.ResourceExhausted),
  running: () => new ConnectError("the terminal is running", Code.FailedPrecondition),
  noBegin: () => new ConnectError("the first request must be begin", Code.InvalidArgument),
  secondBegin: () => new ConnectError("begin comes first and once", Code.InvalidArgument),
  inputTooLarge: () => new ConnectError("too much input in one message", Code.InvalidArgument),
  inputGap: () => new ConnectError("input is missing", Code.OutOfRange),
  inputMismatch: () =>
    new ConnectError("this view sent more than it says: it needs a new id", Code.InvalidArgument),
  superseded: () => new ConnectError("the view was attached again", Code.Aborted),
  tooManyViews: () => new ConnectError("too many views", Code.ResourceExhausted),
} as const;
