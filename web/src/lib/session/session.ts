/** The session. The access token is only in this module's memory; scripts cannot read the refresh cookie (HttpOnly). */
import createClient from "openapi-fetch";
import { useSyncExternalStore } from "react";
import type { components, paths } from "@/lib/api/gateway";
import { ApiError } from "@/lib/api/problem";
import { unwrap } from "@/lib/api/unwrap";

export type Token = components["schemas"]["Token"];
export type SessionStatus = "unknown" | "in" | "out" | "unreachable";

const REFRESH_BEFORE_EXPIRY_S = 60;
const RETRY_S = 5;
const MIN_VALIDITY_MS = 15_000;

const gateway = createClient<paths>({ baseUrl: window.location.origin, fetch: (request) => fetch(request) });

let status: SessionStatus = "unknown";
let token: { value: string; expiresAtMs: number } | null = null;
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

/** Starts a session with a new access token, which is refreshed a minute before it expires. */
export function startSession(fresh: Token): void {
  token = { value: fresh.access_token, expiresAtMs: Date.now() + fresh.expires_in * 1000 };
  scheduleRefresh(Math.max(fresh.expires_in - REFRESH_BEFORE_EXPIRY_S, fresh.expires_in / 2));
  setStatus("in");
}

/** Ends the session: after logging out, or when the server rejects the refresh cookie. */
export function endSession(): void {
  token = null;
  clearTimeout(timer);
  setStatus("out");
}

/** A valid token; null when nobody is logged in. */
export async function currentToken(): Promise<string | null> {
  if (token && token.expiresAtMs - Date.now() < MIN_VALIDITY_MS) await refresh();
  return token?.value ?? null;
}

/** Exchanges the cookie for a new access token. One request at a time. */
export function refresh(): Promise<SessionStatus> {
  refreshing ??= withTabLock(exchangeCookie).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** As `refresh`, unless `used` has been replaced already. */
export async function replaceToken(used: string | null): Promise<SessionStatus> {
  return token && token.value !== used ? status : refresh();
}

async function exchangeCookie(): Promise<SessionStatus> {
  try {
    startSession(await unwrap(gateway.POST("/api/v1/auth/refresh")));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) endSession();
    else retryLater();
  }
  return status;
}

/** An unreachable server logs nobody out. */
function retryLater(): void {
  scheduleRefresh(RETRY_S);
  if (token === null) setStatus("unreachable");
}

function scheduleRefresh(seconds: number): void {
  clearTimeout(timer);
  timer = setTimeout(refresh, seconds * 1000);
}

/** Tabs share the cookie, so they refresh one after another where the browser supports locks: on plain http it does not. */
async function withTabLock<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? await navigator.locks.request("pacewatch.refresh", work) : work();
}

function setStatus(next: SessionStatus): void {
  if (next === status) return;
  status = next;
  for (const listener of listeners) listener();
}
