import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.TORCHWORK_SERVER ?? "http://localhost:6160";

export default defineConfig({
  plugins: [react()],
  build: { outDir: "../torchwork/serve/static", emptyOutDir: true, chunkSizeWarningLimit: 700 },
  server: { proxy: { "/api": { target: server, ws: true } } },
  test: { environment: "happy-dom", setupFiles: ["./src/ui/testing.ts"] },
} as Parameters<typeof defineConfig>[0]);
