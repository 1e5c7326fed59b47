import { defineConfig } from "vite";

// Two bundles: the modules of our own pages, with hashed names, and the widget for pages of others, which has no dependency, a name that
// stays, and a syntax that older browsers read.
export default defineConfig(({ mode }) =>
  mode === "widget"
    ? {
        publicDir: false,
        build: {
          target: "es2019",
          outDir: "dist",
          emptyOutDir: false,
          lib: { entry: "src/widget.ts", formats: ["iife"], name: "OrkestrWidget", fileName: () => "widget.js" },
          rolldownOptions: { output: { exports: "none" } },
        },
      }
    : {
        publicDir: false,
        base: "/",
        build: {
          target: "es2022",
          outDir: "dist",
          assetsDir: "assets",
          modulePreload: { polyfill: false },
          manifest: "manifest.json",
          rolldownOptions: {
            input: { storefront: "src/storefront.ts", embed: "src/embed.ts", portal: "src/portal/portal.tsx", admin: "src/admin/admin.tsx" },
            output: {
              hashCharacters: "hex",
              entryFileNames: "assets/[name]-[hash].js",
              // Apart from entries, whose names the server looks for: a page of the portal is called as an entry is.
              chunkFileNames: "assets/part-[name]-[hash].js",
            },
          },
        },
      },
);
