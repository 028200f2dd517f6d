// The page that takes the secret from the fragment and exchanges it for the cookie. It is also what a
// browser sees that was not let in. Its script is a file, because the policy knows no inline ones.

export const entrancePath = "/enter";
export const entranceScriptPath = "/enter.js";

export const entrancePage = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer"><meta name="color-scheme" content="dark light"><title>LeapMux</title>
<script type="module" src="${entranceScriptPath}"></script>
<body style="font:16px/1.5 system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem">
<main hidden>
<h1 style="font-size:20px">This browser was not let in</h1>
<p>Other people with an account on this machine can reach this port too, so a browser needs an address that works once. Open the latest one that <code>leapmux open</code> shows in its terminal.</p>
</main>
<noscript>LeapMux draws its terminals with JavaScript: allow it for this page.</noscript>
</body></html>
`;

/**
 * Without a secret it asks whether the browser is in already: a link from another site leads here although
 * it is, because its cookie does not go along with that.
 */
export const entranceScript = `const { pathname, hash } = location;
const secret = /^#(lmo_[\\w-]{43})$/.exec(hash)?.[1] ?? "";
// The next address, pasted over this one, would load nothing by itself.
addEventListener("hashchange", () => location.reload());
if (secret !== "") history.replaceState(null, "", pathname);
const answer = await fetch("${entrancePath}", {
  method: "POST",
  headers: { "content-type": "text/plain" },
  body: secret,
  redirect: "error",
}).catch(() => undefined);
if (answer?.status === 204) {
  const path = pathname === "${entrancePath}" ? "/" : pathname;
  // The same address with a fragment would not be loaded again.
  location.replace(secret === "" && hash !== "" ? path + "?" + hash : path);
} else document.querySelector("main").hidden = false;
`;
