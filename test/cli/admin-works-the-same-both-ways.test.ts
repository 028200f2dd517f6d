import { join } from "node:path";
import { openStore } from "@leapmux/hub/store/open-store.ts";
import { registerWorker } from "@leapmux/hub/test-support/register-worker.ts";
import { beforeAll, describe, expect, test } from "vitest";
import { cleanupAfterFile } from "../harness/cleanup.ts";
import { startAdminPlace, ways, type AdminPlace, type Way } from "./admin-commands.ts";

interface Case {
  readonly name: string;
  /** `subject` is an account of the way's own, so that both ways can do the same to one. */
  readonly args: (subject: string, place: AdminPlace) => readonly string[];
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

const password = (place: AdminPlace): readonly string[] => ["--password-file", place.passwordFile];

/** In their order, because some stand on what others did. Ids and times are cut out of what is compared. */
const cases: readonly Case[] = [
  {
    name: "a user is made",
    args: (subject, place) => [
      ...["user", "create", "--username", subject, "--display-name", "Löwe 🦁"],
      ...password(place),
    ],
    stdout: "Created the user SUBJECT (USER).\n",
  },
  {
    name: "a name that is taken",
    args: (subject, place) => ["user", "create", "--username", subject, ...password(place)],
    code: 1,
    stderr: "error: this user name is taken: choose another one\n",
  },
  {
    name: "a name that cannot be one",
    args: (_subject, place) => ["user", "create", "--username", "a b", ...password(place)],
    code: 2,
    stderr: "error: a user name has 1 to 32 of a-z, 0-9 and single hyphens between them\n",
  },
  {
    name: "a name is missing",
    args: (_subject, place) => ["user", "create", ...password(place)],
    code: 2,
    stderr: "error: --username is missing\n",
  },
  {
    name: "no terminal to ask for a password on",
    args: () => ["user", "create", "--username", "carol"],
    code: 2,
    stderr:
      "error: there is no terminal to ask for a password on\n" +
      "Give --password-file FILE; - reads it from standard input.\n",
  },
  {
    name: "a user as JSON",
    args: (subject) => ["user", "get", "--username", subject.toUpperCase(), "--json"],
    stdout:
      '{"user_id":"USER","username":"SUBJECT","display_name":"Löwe 🦁","role":"user","logins":0,' +
      '"workers":0,"has_second_factor":false,"created_at":"TIME","last_seen_at":null}\n',
  },
  {
    name: "a user in words, with the time of here",
    args: (subject) => ["user", "get", "--username", subject],
    stdout: [
      "ID:             USER",
      "User name:      SUBJECT",
      "Display name:   Löwe 🦁",
      "Role:           user",
      "Logins:         0",
      "Workers:        0",
      "Second factor:  no",
      "Created:        TIME+05:30",
      "Last seen:      -",
      "",
    ].join("\n"),
  },
  {
    name: "neither selector",
    args: () => ["user", "get"],
    code: 2,
    stderr: "error: neither --id nor --username is given: exactly one\n",
  },
  {
    name: "both selectors",
    args: () => ["user", "get", "--id", "x", "--username", "y"],
    code: 2,
    stderr: "error: both --id and --username are given: exactly one\n",
  },
  {
    name: "a user who is missing, by name",
    args: () => ["user", "get", "--username", "nobody"],
    code: 1,
    stderr: "error: there is no user with the name nobody\n",
  },
  {
    name: "a user who is missing, by id",
    args: () => ["user", "get", "--id", `usr_${"A".repeat(22)}`],
    code: 1,
    stderr: "error: there is no user with the id USER\n",
  },
  {
    name: "an id that is none",
    args: () => ["user", "get", "--id", "' or 1=1"],
    code: 2,
    stderr: "error: user_id is not one of the hub's\n",
  },
  {
    name: "the first page",
    args: () => ["user", "list", "--limit", "1", "--json"],
    stdout:
      '{"users":[{"user_id":"USER","username":"ann","display_name":"ann","role":"admin","logins":1,' +
      '"workers":2,"has_second_factor":false,"created_at":"TIME","last_seen_at":"TIME"}],' +
      '"next_cursor":"YW5u"}\n',
    stderr: "next: leapmux admin user list --limit 1 --json PLACE --cursor YW5u\n",
  },
  {
    name: "the last page",
    args: (subject) => ["user", "list", "--cursor", "YW5u", "--name", subject],
    stdout:
      "ID    USER NAME  DISPLAY NAME  ROLE  LOGINS  WORKERS  SECOND FACTOR  CREATED     LAST SEEN\n" +
      "USER  SUBJECT        Löwe 🦁       user  0       0        no             TIME+05:30  -\n",
  },
  {
    name: "nobody in a list",
    args: () => ["user", "list", "--name", "nobody"],
    stdout: "No users.\n",
  },
  {
    name: "a cursor that is broken",
    args: () => ["user", "list", "--cursor", "' or 1=1"],
    code: 2,
    stderr: "error: --cursor is none that this list gave\nStart without it.\n",
  },
  {
    name: "a limit that is none",
    args: () => ["user", "list", "--limit", "1001"],
    code: 2,
    stderr: "error: --limit must be a number from 1 to 1000\n",
  },
  {
    name: "nothing to change",
    args: (subject) => ["user", "update", "--username", subject],
    code: 2,
    stderr: "error: nothing is to be changed: give --new-username or --display-name\n",
  },
  {
    name: "another display name",
    args: (subject) => [
      "user",
      "update",
      "--username",
      subject,
      "--display-name",
      "Lion",
      "--json",
    ],
    stdout: '{"user_id":"USER","username":"SUBJECT","display_name":"Lion"}\n',
  },
  {
    name: "a display name that steers terminals",
    args: (subject) => ["user", "update", "--username", subject, "--display-name", "\u001b[2J"],
    code: 2,
    stderr: "error: display_name must not contain control characters\n",
  },
  {
    name: "a name that somebody else has",
    args: (subject) => ["user", "update", "--username", subject, "--new-username", "ann"],
    code: 1,
    stderr: "error: this user name is taken: choose another one\n",
  },
  {
    name: "an admin",
    args: (subject) => ["user", "grant-admin", "--username", subject],
    stdout: "SUBJECT is an admin now.\n",
  },
  {
    name: "an admin is not deleted by mistake",
    args: (subject) => ["user", "delete", "--username", subject, "--yes"],
    code: 1,
    stderr: "error: the user SUBJECT is an admin\nGive --force to delete an admin.\n",
  },
  {
    name: "no admin any more",
    args: (subject) => ["user", "revoke-admin", "--username", subject],
    stdout: "SUBJECT is a user now.\n",
  },
  {
    name: "another password",
    args: (subject, place) => ["user", "reset-password", "--username", subject, ...password(place)],
    stdout: "Set the password of SUBJECT; logins that ended: 0.\n",
  },
  {
    name: "a link to another password",
    args: (subject) => ["user", "reset-password", "--username", subject, "--link"],
    stdout:
      "The password of SUBJECT is gone. With this link, once, the user chooses another one:\n" +
      "HUB/invite#TOKEN\n",
  },
  {
    name: "the user has no logins",
    args: (subject) => ["user", "list-logins", "--username", subject],
    stdout: "No logins.\n",
  },
  {
    name: "logins end, by the word that operators look for",
    args: (subject) => ["session", "revoke-user", "--username", subject], // leapmux admin session
    stdout: "Ended the logins of SUBJECT: 0.\n",
  },
  {
    name: "logins of everybody",
    args: () => ["login", "list", "--json"],
    stdout:
      '{"logins":[{"login_id":"LOGIN","username":"ann","user_id":"USER","cli":false,' +
      '"address":"127.0.0.1","user_agent":"connect-es/2.2.0","created_at":"TIME",' +
      '"last_seen_at":"TIME","expires_at":"TIME"}],"next_cursor":null}\n',
  },
  {
    name: "a login that is missing",
    args: () => ["login", "revoke", "--id", `lgn_${"A".repeat(22)}`],
    code: 1,
    stderr: "error: there is no login with the id LOGIN\n",
  },
  {
    name: "expired logins are purged",
    args: () => ["login", "purge-expired"],
    stdout: "Purged logins: 0.\n",
  },
  {
    name: "an invitation",
    args: () => ["invitation", "create", "--admin"],
    stdout: "With this link, once, somebody makes an account:\nHUB/invite#TOKEN\n",
  },
  {
    name: "an invitation that is missing",
    args: () => ["invitation", "withdraw", "--id", `inv_${"A".repeat(22)}`],
    code: 1,
    stderr: `error: there is no invitation with the id inv_${"A".repeat(22)}\n`,
  },
  {
    name: "workers of everybody, one with a name that would steer the terminal",
    args: () => ["worker", "list", "--status", "active", "--limit", "1"],
    stdout: [
      "ID           NAME      USER NAME  USER ID                     STATUS  MODE     BUNDLED  REGISTERED                 LAST SEEN",
      "worker-0001  �[2Jbox�  ann        USER  active  classic  no       TIME+05:30  -",
      "",
    ].join("\n"),
    stderr:
      "next: leapmux admin worker list --status active --limit 1 PLACE --cursor d29ya2VyLTAwMDE\n",
  },
  {
    name: "a worker as JSON",
    args: () => ["worker", "get", "--id", "worker-0002", "--json"],
    stdout:
      '{"worker_id":"worker-0002","name":"fake","username":"ann","user_id":"USER",' +
      '"status":"active","encryption_mode":"classic","bundled":false,"registered_at":"TIME",' +
      '"last_seen_at":null}\n',
  },
  {
    name: "a status that is none",
    args: () => ["worker", "list", "--status", "deleted"],
    code: 2,
    stderr: "error: --status must be active or deregistering\n",
  },
  {
    name: "registration keys, never the keys themselves",
    args: () => ["worker", "reg-key", "list", "--limit", "1", "--json"],
    stdout:
      '{"registration_keys":[{"key_id":"KEY","username":"ann","user_id":"USER","status":"used",' +
      '"worker_id":"WORKER","expires_at":"TIME"}],"next_cursor":"CURSOR"}\n',
    stderr: "next: leapmux admin worker reg-key list --limit 1 --json PLACE --cursor CURSOR\n",
  },
  {
    name: "a registration key that is missing",
    args: () => ["worker", "reg-key", "revoke", "--id", `reg_${"A".repeat(22)}`],
    code: 1,
    stderr: "error: there is no registration key with the id KEY\n",
  },
  {
    name: "registration keys that are good are not purged",
    args: () => ["worker", "reg-key", "purge-expired"],
    stdout: "Purged registration keys: 0.\n",
  },
  {
    name: "nothing in the audit log by this name",
    args: () => ["audit", "list", "--action", "no.such"],
    stdout: "No entries.\n",
  },
  {
    name: "a cursor that the audit log did not give",
    args: () => ["audit", "list", "--cursor", "' or 1=1"],
    code: 2,
    stderr: "error: --cursor is none that this list gave\nStart without it.\n",
  },
  {
    name: "the first entry of all, as JSON",
    args: () => ["audit", "list", "--action", "audit.key_made", "--json"],
    stdout:
      '{"entries":[{"sequence":1,"at":"TIME","actor_kind":"system","actor_id":"","actor_via":"",' +
      '"address":"","action":"audit.key_made","target_kind":"audit","target_id":"FINGERPRINT",' +
      '"result":"done","detail_json":"{\\"publicKey\\":\\"KEY\\"}"}],"next_cursor":null}\n',
  },
  {
    name: "the audit log of the database is right",
    args: () => ["audit", "verify"],
    stdout:
      "N entries, signed up to N. Nothing was altered, removed or inserted.\nKey: FINGERPRINT\n",
  },
  {
    name: "a key that signed nothing in it",
    args: () => ["audit", "verify", "--key", "0".repeat(64), "--json"],
    code: 1,
    stdout: '{"ok":false,"problem":"other_key","sequence":1,"through":N}\n',
  },
  {
    name: "a fingerprint that is none",
    args: () => ["audit", "verify", "--key", "0"],
    code: 2,
    stderr: "error: --key must be a fingerprint of 64 hexadecimal digits\n",
  },
  {
    name: "another key signs the audit log",
    args: () => ["audit", "rotate-key"],
    stdout:
      "The key FINGERPRINT signs from entry N on.\n" +
      "Next: note it down elsewhere. The former one stays good for what it signed.\n",
  },
  {
    name: "the audit log is right behind both keys",
    args: () => ["audit", "verify", "--json"],
    stdout: '{"ok":true,"entries":N,"signed_sequence":N,"keys":[FINGERPRINTS]}\n',
  },
  {
    name: "no terminal to ask on",
    args: (subject) => ["user", "delete", "--username", subject],
    code: 2,
    stderr: "error: there is no terminal to ask on whether this is meant\nGive --yes to say so.\n",
  },
  {
    name: "a user is deleted",
    args: (subject) => ["user", "delete", "--username", subject, "--yes"],
    stdout: "Deleted the user SUBJECT (USER).\n",
  },
];

const cleanup = cleanupAfterFile();
let place: AdminPlace;
beforeAll(async () => {
  place = await startAdminPlace(cleanup);
  const { url, hub, directory } = place.started;
  for (const workerId of ["worker-0001", "worker-0002"]) {
    await registerWorker(url, workerId, await hub.mintRegistrationKey());
  }
  // The hub takes no such name; a database that somebody else wrote to might hold it.
  const store = await openStore(join(directory, "hub"));
  const name = "\u001b[2Jbox\u009b";
  await store.updateTable("workers").set({ name }).where("worker_id", "=", "worker-0001").execute();
  await store.destroy();
});

function comparable(text: string, subject: string): string {
  return text
    .replaceAll(subject, "SUBJECT")
    .replaceAll(/http:\/\/(localhost|127\.0\.0\.1):\d+/g, "HUB")
    .replaceAll(/lmi_[\w-]{43}/g, "TOKEN")
    .replaceAll(/ID {24}(?= USER NAME)|ID {25}(?= )/g, "ID   ")
    .replaceAll(/usr_[\w-]{22}/g, "USER")
    .replaceAll(/lgn_[\w-]{22}/g, "LOGIN")
    .replaceAll(/reg_[\w-]{22}/g, "KEY")
    .replaceAll(/cmVnX[\w-]+/g, "CURSOR")
    .replaceAll(/(?<="worker_id":")worker-000\d(?=","exp)/g, "WORKER")
    .replaceAll(
      /\d+(?= entries)|(?<=signed up to |from entry |entries":|signed_sequence":|through":)\d+/g,
      "N",
    )
    .replaceAll(/\["[0-9a-f]{64}"(,"[0-9a-f]{64}")+\]/g, "[FINGERPRINTS]")
    .replaceAll(/(Key: )?[0-9a-f]{64}\n?(?=Key: )/g, "")
    .replaceAll(/[0-9a-f]{64}/g, "FINGERPRINT")
    .replaceAll(/(?<=publicKey\\":\\")[\w-]{43}/g, "KEY")
    .replaceAll(/CREATED {20}/g, "CREATED     ")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}Z)?/g, "TIME")
    .replaceAll(/--data-dir \S+|--hub HUB/g, "PLACE");
}

describe.each(ways)("%s", (way: Way) => {
  const subject = way === "offline" ? "xof" : "xon";

  test.each(cases)("$name", async ({ args, code = 0, stdout = "", stderr = "" }) => {
    const ran = await place.run(way, ...args(subject, place));
    expect({
      code: ran.code,
      stdout: comparable(ran.stdout, subject),
      stderr: comparable(ran.stderr, subject),
    }).toEqual({ code, stdout, stderr });
  });
});
