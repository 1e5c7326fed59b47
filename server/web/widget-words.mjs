// What the widget says, by language, out of the catalogues: its words go with it, since it may ask for nothing but its frame.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const words = {};
for (const name of readdirSync("locales").filter((each) => each.endsWith(".json")).sort()) {
  const all = JSON.parse(readFileSync(`locales/${name}`, "utf8"));
  words[name.slice(0, -5)] = ["label", "close", "newTab"].map((key) => all[`widget.${key}`]);
}
writeFileSync(
  "src/widget-words.ts",
  `export type Said = [label: string, close: string, newTab: string];\nexport const words: Record<string, Said> = ${JSON.stringify(words)};\n`,
);
