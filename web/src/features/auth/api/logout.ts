import { useMutation } from "@tanstack/react-query";
import { gateway } from "@/lib/api/clients";
import { unwrapEmpty } from "@/lib/api/unwrap";
import { endSession } from "@/lib/session/session";

export const logOut = () => unwrapEmpty(gateway.POST("/api/v1/auth/logout"));

/** The session ends in the browser even if the request fails, so that a broken connection keeps nobody logged in. */
export const useLogOut = () => useMutation({ mutationFn: logOut, onSettled: endSession });
