/** Who is logged in. The access token lives in this module's memory only; the refresh cookie is out of scripts' reach. */
import createClient from "openapi-fetch";
import { useSyncExternalStore } from "react";
import type { components, paths } from "@/lib/api/gateway";
import { ApiError } from "@/lib/api/problem";
import { unwrap } from "@/lib/api/unwrap";

export type Token = components["schemas"]["Token"];
export type SessionStatus = "unknown" | "in" | "out" | "unreachable";

const EARLY_S = 60;
const RETRY_S = 5;
const TOO_LATE_MS = 15_000;

const open = createClient<paths>({ baseUrl: window.location.origin, fetch: (request) => fetch(request) });

let status: SessionStatus = "unknown";
let token: { value: string; goodUntilMs: number } | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let refreshing: Promise<SessionStatus> | null = null;
const listeners = new Set<() => void>();

export const sessionStatus = (): SessionStatus => status;

export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSessionStatus(): SessionStatus {
  return useSyncExternalStore(subscribe, sessionStatus);
}

/** Take a new access token in; it is replaced a minute before it runs out. */
export function begin(fresh: Token): void {
  token = { value: fresh.access_token, goodUntilMs: Date.now() + fresh.expires_in * 1000 };
  refreshIn(Math.max(fresh.expires_in - EARLY_S, fresh.expires_in / 2));
  become("in");
}

/** Forget the token: after logging out, or when the server says that the session is over. */
export function end(): void {
  token = null;
  clearTimeout(timer);
  become("out");
}

/** A token that is good now; null when nobody is logged in. */
export async function currentToken(): Promise<string | null> {
  if (token && token.goodUntilMs - Date.now() < TOO_LATE_MS) await refresh();
  return token?.value ?? null;
}

/** Trade the cookie for a new access token. One at a time: a cookie used twice ends the session. */
export function refresh(): Promise<SessionStatus> {
  refreshing ??= alone(tradeCookie).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** As `refresh`, unless `used` is no longer the newest token: then somebody was quicker. */
export async function replace(used: string | null): Promise<SessionStatus> {
  return token && token.value !== used ? status : refresh();
}

async function tradeCookie(): Promise<SessionStatus> {
  try {
    begin(await unwrap(open.POST("/api/v1/auth/refresh")));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) end();
    else later();
  }
  return status;
}

/** The server is away: nobody is logged out for that. */
function later(): void {
  refreshIn(RETRY_S);
  if (token === null) become("unreachable");
}

function refreshIn(seconds: number): void {
  clearTimeout(timer);
  timer = setTimeout(refresh, seconds * 1000);
}

/** Tabs share the cookie, so they take turns where the browser lets them. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? await navigator.locks.request("pacewatch.refresh", work) : work();
}

function become(next: SessionStatus): void {
  if (next === status) return;
  status = next;
  for (const listener of listeners) listener();
}
