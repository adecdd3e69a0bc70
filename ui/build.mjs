// Builds static/build: app.js, charts.js, a script for each file of js/pages, app.css, print.css, a sheet for each file
// of css/rooms and the icon sprite.
import { build } from "esbuild";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static", "build");
const target = ["chrome90", "firefox91", "safari14.1"];

function symbol(name) {
  const file = join(here, "node_modules", "lucide-static", "icons", `${name}.svg`);
  if (!existsSync(file)) {
    throw new Error(`icons.txt names an icon that lucide does not have: ${name}`);
  }
  const svg = readFileSync(file, "utf8");
  const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
}

/**
 * Departments add files to css/pages; all of them are part of app.css without a shared list to edit. What only a few
 * pages need goes into css/rooms: those pages name the sheet in their `head` block.
 */
const pageStyles = {
  name: "page-styles",
  setup(builder) {
    builder.onLoad({ filter: /css[\\/]app\.css$/ }, ({ path }) => {
      const pages = readdirSync(join(here, "css", "pages")).filter((file) => file.endsWith(".css")).sort();
      const imports = pages.map((file) => `@import "./pages/${file}";`).join("\n");
      return { contents: `${readFileSync(path, "utf8")}\n${imports}\n`, loader: "css", resolveDir: dirname(path) };
    });
  },
};

mkdirSync(out, { recursive: true });
// What a page's own script shares with app.js goes into chunks, so that no listener is added twice.
rmSync(join(out, "chunks"), { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: [
    { in: "js/app.js", out: "app" },
    { in: "js/charts.js", out: "charts" },
    ...readdirSync(join(here, "js", "pages")).map((file) => ({ in: `js/pages/${file}`, out: `pages/${file.slice(0, -3)}` })),
  ],
  bundle: true,
  minify: true,
  format: "esm",
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  target,
  outdir: out,
  legalComments: "linked",
});
await build({
  absWorkingDir: here,
  entryPoints: [
    { in: "css/app.css", out: "app" },
    { in: "css/print.css", out: "print" },
    ...readdirSync(join(here, "css", "rooms")).map((file) => ({ in: `css/rooms/${file}`, out: `rooms/${file.slice(0, -4)}` })),
  ],
  bundle: true,
  minify: true,
  target,
  outdir: out,
  external: ["/static/*", "/ui/*"],
  plugins: [pageStyles],
});
const icons = readFileSync(join(here, "icons.txt"), "utf8").trim().split(/\s+/);
writeFileSync(
  join(out, "icons.svg"),
  `<svg xmlns="http://www.w3.org/2000/svg">${[...new Set(icons)].map(symbol).join("")}</svg>`,
);
