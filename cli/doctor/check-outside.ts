import { isLoopback } from "@leapmux/hub/ops/listen-address.ts";
import { securityHeaders } from "@leapmux/hub/ops/security-headers.ts";
import { checkPolicy } from "../local/check-policy.ts";
import { daysOf, type DoctorLimits } from "./doctor-limits.ts";
import { type Finding, note, ok, problem, warning } from "./finding.ts";
import type { Probe, Tls } from "./probe.ts";

const proxyDocument = "docs/operating.md, A proxy with TLS";
/** Of TEST-NET-3 (RFC 5737): nobody calls from there. */
const madeUpAddress = "203.0.113.77";

export interface Outside {
  readonly url: string;
  readonly probe: Probe;
  readonly limits: DoctorLimits;
  readonly nowMs: () => number;
  /** Of this program. */
  readonly version: string;
}

/** A hub at the address where people or workers reach it, through whatever stands in between. */
export async function checkOutside(outside: Outside): Promise<Finding[]> {
  const { url, probe } = outside;
  const reached = await probe.reach(new URL(url));
  if (!reached.ok) {
    const sentence =
      reached.step === "name"
        ? `the name in ${url} leads nowhere (${reached.why})`
        : `${url} cannot be reached (${reached.why})`;
    const remedy =
      reached.step === "name"
        ? `look at its DNS: getent hosts ${new URL(url).hostname}`
        : "start the proxy or the hub, and look at firewalls on the way";
    return [problem("reachable", sentence, remedy)];
  }
  const findings = [ok("reachable", `${url} can be reached`)];
  if (reached.tls !== null) {
    const secure = checkTls(url, reached.tls, outside);
    findings.push(...secure);
    // To whom nobody should talk the doctor does not either.
    if (secure.some(({ level }) => level === "problem")) return findings;
  }
  findings.push(...(await checkHealth(outside)));
  if (findings.some(({ level }) => level === "problem")) return findings;
  findings.push(...(await checkHeaders(outside)), ...(await checkUpgrades(outside)));
  findings.push(...(await checkCaller(outside, reached)));
  return findings;
}

function checkTls(url: string, tls: Tls, { limits, nowMs }: Outside): Finding[] {
  const findings: Finding[] = [];
  const left = tls.validUntilMs - nowMs();
  const renew = "renew it, and look why that does not happen by itself";
  if (left <= 0)
    findings.push(problem("certificate", `the certificate of ${url} has expired`, renew));
  else if (tls.distrust !== "") {
    const remedy = "use one of a known authority, or name yours in NODE_EXTRA_CA_CERTS";
    const sentence = `the certificate of ${url} is not trusted (${tls.distrust})`;
    findings.push(problem("certificate", sentence, remedy));
  } else if (left < limits.certificateLeftMs) {
    const sentence = `the certificate of ${url} expires in ${daysOf(left)} days`;
    findings.push(warning("certificate", sentence, renew));
  } else findings.push(ok("certificate", `the certificate is good for ${daysOf(left)} days`));
  findings.push(
    tls.isHttp2
      ? ok("http2", "HTTP/2 is offered")
      : note("http2", "no HTTP/2: workers use a WebSocket instead", `see ${proxyDocument}`),
  );
  return findings;
}

async function checkHealth({ url, probe, limits, nowMs, version }: Outside): Promise<Finding[]> {
  const beganMs = nowMs();
  const health = await probe.get(new URL("/healthz", url));
  if (health.kind === "failed" || health.status !== 200) {
    const why = health.kind === "failed" ? health.why : `status ${health.status}`;
    const sentence = `${url}/healthz does not say that a hub is well (${why})`;
    return [
      problem("health", sentence, "see whether the hub runs, and where the proxy sends calls"),
    ];
  }
  const findings = [ok("health", "the hub is well")];
  const theirsMs = Date.parse(String(health.headers.date));
  // The header counts whole seconds.
  const difference = Math.abs(theirsMs - (beganMs + nowMs()) / 2);
  if (difference > limits.clockDifferenceMs) {
    const sentence = `the clocks here and at ${url} differ by ${Math.round(difference / 1000)} s: codes of authenticator apps fail`;
    findings.push(warning("clock", sentence, "let both follow NTP: timedatectl set-ntp true"));
  } else if (!Number.isNaN(difference)) findings.push(ok("clock", "the clocks agree"));
  const info = await probe.systemInfo(url);
  if (info === null) {
    const remedy = `let the proxy pass every path: ${proxyDocument}`;
    findings.push(problem("calls", `calls do not pass to the hub at ${url}`, remedy));
  } else if (info.version !== version) {
    const sentence = `the hub at ${url} is ${info.version}, and this program is ${version}`;
    findings.push(warning("version", sentence, "bring both to the same version"));
  }
  return findings;
}

async function checkHeaders({ url, probe }: Outside): Promise<Finding[]> {
  const page = await probe.get(new URL("/", url));
  if (page.kind === "failed") {
    return [problem("headers", `${url} gives no page (${page.why})`, `see ${proxyDocument}`)];
  }
  const { host, protocol } = new URL(url);
  const expected = securityHeaders(host, protocol === "https:" ? "wss" : "ws");
  const wrong: string[] = [];
  for (const [name, value] of Object.entries(expected)) {
    if (name !== "content-security-policy" && page.headers[name] !== value) wrong.push(name);
  }
  const policy = page.headers["content-security-policy"];
  const fault = checkPolicy(Array.isArray(policy) ? policy.join(",") : policy, host);
  if (fault !== undefined) wrong.push("content-security-policy");
  if (wrong.length === 0) return [ok("headers", "security headers pass")];
  const sentence = `security headers of the hub do not pass unchanged: ${wrong.join(", ")}`;
  return [
    problem("headers", sentence, `let the proxy leave headers as they are: ${proxyDocument}`),
  ];
}

/** 101: taken; 401 and 403: judged by the hub, so it has passed. */
async function checkUpgrades({ url, probe }: Outside): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [way, origin] of [
    ["/link", new URL(url).origin],
    ["/worker-link", null],
  ] as const) {
    const status = await probe.upgrade(new URL(way, url), origin);
    if (status === 101 || status === 401 || status === 403) continue;
    const sentence = `WebSocket upgrades of ${way} do not pass (status ${status})`;
    findings.push(problem("upgrade", sentence, `let the proxy pass them: ${proxyDocument}`));
  }
  return findings.length > 0 ? findings : [ok("upgrade", "WebSocket upgrades pass")];
}

/**
 * What the hub takes for the address of a caller decides whom it counts guessed passwords against. From this
 * machine itself it cannot be seen: there everybody is a proxy.
 */
async function checkCaller(
  { url, probe }: Outside,
  {
    localAddress,
    remoteAddress,
  }: { readonly localAddress: string; readonly remoteAddress: string },
): Promise<Finding[]> {
  if (isLoopback(localAddress)) {
    const sentence = "whether the hub sees who calls cannot be told from its own machine";
    return [
      note("caller_address", sentence, `on another machine: leapmux doctor hub --url ${url}`),
    ];
  }
  const info = await probe.systemInfo(url, { "x-forwarded-for": madeUpAddress });
  const seen = info?.callerAddress ?? "";
  if (seen === madeUpAddress) {
    const sentence =
      "the hub believes whatever address a caller makes up: guessing is never slowed down";
    const remedy = `let the proxy write X-Forwarded-For itself: ${proxyDocument}`;
    return [problem("caller_address", sentence, remedy)];
  }
  const isProxys = isLoopback(seen) || (seen === remoteAddress && seen !== localAddress);
  if (isProxys) {
    const sentence = `the hub takes every caller for the proxy (${seen}): one who guesses locks everybody out`;
    const remedy =
      "let the proxy set X-Forwarded-For, and name it in trusted-proxies where it is on another machine";
    return [problem("caller_address", sentence, remedy)];
  }
  if (seen === "") return [note("caller_address", "the hub does not tell whom it takes us for")];
  return [ok("caller_address", `the hub sees us as ${seen}`)];
}
