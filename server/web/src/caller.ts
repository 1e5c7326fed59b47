// Who frames a page of ours.

export interface Caller {
  id: string;
  origin: string;
}

/**
 * By the name that the widget gave to its frame: it stays while the frame goes from page to page, without a cookie and without storage.
 * Who lies about an origin hears nothing, since messages go to that origin alone.
 */
export function callerOf(name: string): Caller | null {
  try {
    const { orkestr, id, origin } = JSON.parse(name) as Record<string, unknown>;
    const known = orkestr === 1 && typeof id === "string" && typeof origin === "string" && new URL(origin).origin === origin;
    return known ? { id, origin } : null;
  } catch {
    return null;
  }
}
