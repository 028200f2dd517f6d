import { createClient, type Transport } from "@connectrpc/connect";
import { LoginService } from "@leapmux/proto/hub/v1/login_pb.ts";

/** In a file of its own, because nothing else of the app needs to know the log-in's calls. */
export async function logOut(transport: Transport): Promise<void> {
  await createClient(LoginService, transport).logOut({});
}
