// A text as a QR code (ISO/IEC 18004), for a phone to read.

import type { VNode } from "preact";
import { encode } from "uqr";

/** Its side with the quiet zone that readers need, in modules, and the outline of the dark ones. */
export function outline(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { border: 4 });
  return { size, path: data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("") };
}

/** Dark on light in either colour scheme: many readers know no other. */
export function Qr({ text, label }: { text: string; label: string }): VNode {
  const { size, path } = outline(text);
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
