import { useMutation } from "@tanstack/react-query";
import { gateway } from "@/lib/api/clients";
import { unwrapNothing } from "@/lib/api/unwrap";
import { end } from "@/lib/session/session";

export const logOut = () => unwrapNothing(gateway.POST("/api/v1/auth/logout"));

/** The session ends here whatever the server says: who leaves must not be kept by a broken line. */
export const useLogOut = () => useMutation({ mutationFn: logOut, onSettled: end });
