// Built by the page's own vite: node_modules/.bin/vite of web/ with this folder as its root.
export default {
  publicDir: false,
  base: "./",
  assetsInclude: ["**/*.geojson"],
  build: { target: "es2022", chunkSizeWarningLimit: 4000, emptyOutDir: true, rollupOptions: { input: ["maplibre.html", "deck.html"] } },
};
