// Text that can be read on a colour.

function luminance(red: number, green: number, blue: number): number {
  const [r, g, b] = [red, green, blue].map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : Math.pow((share + 0.055) / 1.055, 2.4);
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** White where it has a contrast of 4.5 : 1, else black, which then has more. */
export function textOn(red: number, green: number, blue: number): "#fff" | "#000" {
  return 1.05 / (luminance(red, green, blue) + 0.05) >= 4.5 ? "#fff" : "#000";
}
