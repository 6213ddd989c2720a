/** fetch with the session's token; after a 401 the token is replaced and the request repeated, once. */
import { currentToken, replaceToken } from "./session";

export async function authorisedFetch(request: Request): Promise<Response> {
  const repeated = request.clone();
  const token = await currentToken();
  const response = await send(request, token);
  if (response.status !== 401 || token === null) return response;
  if ((await replaceToken(token)) !== "in") return response;
  return send(repeated, await currentToken());
}

function send(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set("Authorization", `Bearer ${token}`);
  return fetch(request);
}
