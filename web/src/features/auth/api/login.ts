import { useMutation } from "@tanstack/react-query";
import { gateway } from "@/lib/api/clients";
import { unwrap } from "@/lib/api/unwrap";
import { startSession } from "@/lib/session/session";

/** The code of the authenticator app; empty for an account that needs none. */
export type Credentials = { username: string; password: string; code: string };

export const logIn = (credentials: Credentials) =>
  unwrap(
    gateway.POST("/api/v1/auth/login", {
      body: credentials,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      bodySerializer: (body) => new URLSearchParams(body),
    }),
  );

export const useLogIn = () => useMutation({ mutationFn: logIn, onSuccess: startSession });
