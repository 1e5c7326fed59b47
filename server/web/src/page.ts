// What the server says of the page on <body>.

const said = document.body.dataset;

export const tenant = said["tenant"] ?? "";
/** In which the server has written money, days and times. */
export { locale } from "./catalogue";
/** When the page was made, by the server's clock. */
export const madeAt = Date.parse(said["now"] ?? "");
export const framed = "embed" in said;

/** Which way the right arrow leads: back, where one reads from right to left. */
export const ahead = document.dir === "rtl" ? -1 : 1;

export const reducedMotion = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
