/**
 * The management API from TypeScript, in every runtime that has `fetch`.
 *
 *     const admin = createAdmin({ url: "https://keys.example.com", key: process.env.KEYWARD_OPERATOR_KEY });
 *     const { key, record } = await admin.createKey({ keyspace: "shop", account: "acme", body: { level: "events" } });
 *     for await (const { id, status } of admin.searchKeys({ keyspace: "shop", status: "active" })) console.log(id, status);
 *
 * @module keyward/admin
 */
import { Api } from "./admin/api.js";
import { type AdminOptions, Transport } from "./admin/transport.js";

export * from "./admin/api.js";
export { type Page, Paged } from "./admin/paged.js";
export { type ProblemDetails, ProblemError, type ProblemMember } from "./admin/problem.js";
export type { AdminOptions, CallOptions, Credential } from "./admin/transport.js";
export { type ErrorCode, type ErrorDetails, KeywardError, type KnownErrorCode } from "./error.js";

/**
 * A client of one server. Asks nothing before it is used. Refusals are thrown as `ProblemError`; what never came to an
 * answer, as `KeywardError` with the code `unreachable` or `aborted`. Calls that only read, and those that make or rotate
 * a key, are tried again where the server is busy or out of reach.
 */
export function createAdmin(options: AdminOptions): Api {
  return new Api(new Transport(options));
}
