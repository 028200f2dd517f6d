/** What a refused sign-in means, and what to do next. `code` is one of the hub's own, never what a provider wrote. */
export function describeSignInRefusal(
  code: string,
  provider: string,
): { readonly title: string; readonly text: string } {
  const sentences: Readonly<Record<string, string>> = {
    declined: `You were not signed in, because that was declined at ${provider}. Try again, or log in another way.`,
    unreachable: `The hub could not reach ${provider}. Try again in a while; if it stays so, tell an admin of this hub.`,
    client_refused: `This hub is not known to ${provider} any more. Tell an admin: the client id or its secret is wrong there.`,
    provider_error: `Something went wrong at ${provider}. Try again in a while.`,
    answer_refused: `What came back from ${provider} proves nothing, so the hub does not take it. Try again; if it stays so, tell an admin of this hub.`,
    provider_disabled: "Nobody can sign in with this provider any more. Log in another way.",
    throttled: "Too many tries. Wait a minute, then try again.",
    sign_up_disabled: `Your account at ${provider} is linked to none here, and nobody can sign up. Log in as you did before and link it in your profile, or ask an admin for an invitation.`,
    taken: `This account at ${provider} is linked to somebody else's account here. Sign in with it, or unlink it there first.`,
    too_many_linked: "Too many accounts are linked to yours. Unlink one first.",
    login_changed:
      "Your login or your account changed meanwhile, so nothing was done. Log in and try again.",
    failed: "The hub failed. Try again; its log says where.",
  };
  const stale =
    "This sign-in is not known any more: it was used already, took longer than ten minutes, or began in another browser. Begin again.";
  return {
    title: code === "taken" || code === "too_many_linked" ? "Not linked" : "Not signed in",
    text: Object.hasOwn(sentences, code) ? sentences[code]! : stale,
  };
}
