/**
 * Headers of everything that the hub serves. The policy names what the page needs and nothing else:
 *
 * - scripts only from here, none inline, no eval; the cryptography is plain JavaScript, so no WebAssembly;
 * - styles only from here; elements may carry their own, because xterm.js places its cells so. Its style
 *   elements become constructed sheets in the page (frontend/terminal/adopt-styles);
 * - connections only here. `ws://` (`wss://` behind a proxy with TLS) is spelled out for browsers whose 'self' does not cover WebSockets; the
 *   host in it has passed check-request-source;
 * - nobody may frame the page, and a form or a base element leads nowhere.
 */
export function securityHeaders(host: string, scheme: "ws" | "wss"): Record<string, string> {
  return {
    ...fixed,
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self'",
      "worker-src 'self'",
      `connect-src 'self' ${scheme}://${host}`,
      "style-src 'self'",
      "style-src-attr 'unsafe-inline'",
      "img-src 'self' data:",
      "font-src 'self'",
      "manifest-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ].join("; "),
  };
}

const fixed = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "permissions-policy":
    "camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), hid=(), payment=(), midi=(), clipboard-read=(self), clipboard-write=(self)",
} as const;
