/** fetch with the session's token; a token the server no longer takes is replaced once. */
import { currentToken, replace } from "./session";

export async function authorisedFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const token = await currentToken();
  const response = await send(request, token);
  if (response.status !== 401 || token === null) return response;
  if ((await replace(token)) !== "in") return response;
  return send(again, await currentToken());
}

function send(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set("Authorization", `Bearer ${token}`);
  return fetch(request);
}
