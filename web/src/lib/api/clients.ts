/** One typed client per service. All use the page's own origin: the proxy routes each path to its service. */
import createClient from "openapi-fetch";
import { authorisedFetch } from "@/lib/session/authorised-fetch";
import type * as gatewayApi from "./gateway";
import type * as inferenceApi from "./inference";
import type * as ingestApi from "./ingest";
import type * as notifierApi from "./notifier";
import type * as registryApi from "./registry";

const options = { baseUrl: window.location.origin, fetch: authorisedFetch };

export const gateway = createClient<gatewayApi.paths>(options);
export const inference = createClient<inferenceApi.paths>(options);
export const ingest = createClient<ingestApi.paths>(options);
export const notifier = createClient<notifierApi.paths>(options);
export const registry = createClient<registryApi.paths>(options);
