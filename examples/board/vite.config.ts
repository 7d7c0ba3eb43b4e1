import { defineConfig, type ProxyOptions } from "vite";

const gateway = process.env["TRIALGRAPH_URL"] ?? "http://127.0.0.1:8000";

// The page and the graph share an origin, so that neither CORS nor a foreign host is needed.
const proxy: Record<string, ProxyOptions> = {
  "/graphql": { target: gateway, changeOrigin: false, ws: true },
};

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export default defineConfig({
  appType: "spa",
  build: { target: "es2022", assetsInlineLimit: 0 },
  preview: {
    host: "127.0.0.1",
    port: 4173,
    strictPort: true,
    cors: false,
    proxy,
    headers: {
      "Content-Security-Policy": policy,
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
    },
  },
});
