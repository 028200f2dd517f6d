import type { Client } from "@connectrpc/connect";
import { create } from "@bufbuild/protobuf";
import {
  type AdminService,
  type ListUsersRequest,
  ListUsersResponseSchema,
} from "@leapmux/proto/hub/v1/admin_pb.ts";
import { createRoot } from "solid-js";
import { expect, it } from "vitest";
import { createUserPages } from "./create-user-pages.ts";

const all = ["ann", "bob", "cat", "dan", "eve"];

/** Gives two at once; `hold` keeps the answers to a search back until it is called. */
function makeClient() {
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const listUsers = (async ({ name = "", pageToken = "" }: Partial<ListUsersRequest>) => {
    if (name === "slow") await held;
    const found = all.filter((each) => each.includes(name === "slow" ? "ann" : name));
    const rest = found.filter((each) => each > pageToken);
    const page = rest.slice(0, 2);
    return create(ListUsersResponseSchema, {
      users: page.map((username) => ({ userId: `usr_${username}`, username })),
      nextPageToken: rest.length > 2 ? page.at(-1)! : "",
    });
  }) as Client<typeof AdminService>["listUsers"];
  return { client: { listUsers }, release: () => release() };
}

const make = () =>
  createRoot(() => {
    const { client, release } = makeClient();
    const pages = createUserPages(client);
    return { pages, release, names: () => pages.users()?.map(({ username }) => username) };
  });

it("adds page to page, and reads anew as many as were there", async () => {
  const { pages, names } = make();
  expect(names()).toBeUndefined();
  await pages.read();
  expect([names(), pages.hasMore()]).toEqual([["ann", "bob"], true]);
  await pages.more();
  await pages.read();
  expect([names(), pages.hasMore()]).toEqual([["ann", "bob", "cat", "dan"], true]);
  await pages.more();
  expect([names(), pages.hasMore()]).toEqual([all, false]);
});

it("shows no answer that another question has overtaken", async () => {
  const { pages, names, release } = make();
  await pages.read();
  const slow = pages.search("slow");
  await pages.search("e");
  release();
  await slow;
  expect([names(), pages.name(), pages.hasMore()]).toEqual([["eve"], "e", false]);
});
