// The time that is left, for eyes every second and for ears twice.

/** `9:05` */
export function clockWords(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const said: [seconds: number, key: string][] = [
  [120, "live.twoMinutes"],
  [30, "live.thirtySeconds"],
];

/** Which words to say when as much is left as `ms`, where `before` was left when this was last asked; mostly nothing. */
export function spokenKey(before: number, ms: number): string | null {
  if (ms <= 0) return null;
  let spoken = null;
  for (const [seconds, key] of said) if (before > seconds * 1000 && ms <= seconds * 1000) spoken = key;
  return spoken;
}

/**
 * How far this machine's clock is behind the server's, as the page tells it. A page out of the browser's history tells an old time; and a
 * second or two is the way here.
 */
export function clockSkew(serverNow: number, now: number, fromHistory: boolean): number {
  const skew = serverNow - now;
  return fromHistory || Number.isNaN(skew) || Math.abs(skew) < 3000 ? 0 : skew;
}
