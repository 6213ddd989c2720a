import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { ProfileContext } from "@/lib/fleet/profile";
import { PROFILE } from "./fixtures";

/** Renders a feature with its providers and without query retries. */
export function renderFeature(content: ReactNode) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <QueryClientProvider client={client}>
      <ProfileContext value={PROFILE}>{content}</ProfileContext>
    </QueryClientProvider>,
  );
}

/** Responds to every request to `path` with `respond(url)`; everything else is not found. */
export function serve(path: string, respond: (url: URL) => Response | Promise<Response>) {
  const server = vi.fn(async (request: Request) => {
    const url = new URL(request.url);
    return url.pathname === path ? respond(url) : new Response("{}", { status: 404 });
  });
  vi.stubGlobal("fetch", server);
  return server;
}

export const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
