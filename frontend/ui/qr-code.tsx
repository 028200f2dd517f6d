import { encode } from "uqr";
import { createMemo } from "solid-js";
import "./qr-code.css";

/** A QR code as lines of its own, always dark on light: cameras read nothing else well. Import lazily. */
export function QrCode(props: { text: string; label: string }) {
  const code = createMemo(() => encode(props.text, { ecc: "M", border: 3 }));
  const path = () =>
    code()
      .data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")))
      .join("");
  return (
    <svg
      class="qr-code"
      viewBox={`0 0 ${code().size} ${code().size}`}
      role="img"
      aria-label={props.label}
      shape-rendering="crispEdges"
    >
      <path class="qr-code-ink" d={path()} />
    </svg>
  );
}
