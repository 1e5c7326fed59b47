// What the server says of the page on <body>.

const said = document.body.dataset;

export const tenant = said["tenant"] ?? "";
/** The tenant's, in which the server has written money, days and times. */
export const locale = said["locale"] || "en";
/** When the page was made, by the server's clock. */
export const madeAt = Date.parse(said["now"] ?? "");
export const framed = "embed" in said;

export const reducedMotion = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;
