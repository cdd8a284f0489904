/**
 * Keyward: verify API keys where the request is, in WebAssembly, without a network call.
 *
 * @module keyward
 */
export type { Allowed, Decision, Denied, GrantedConstraints, Problem, Reason } from "./decision.js";
export {
  connect,
  type ConnectOptions,
  type Edge,
  type EdgeKeyOptions,
  type EdgeOptions,
  type EdgeStatus,
} from "./edge/connect.js";
export type { Context } from "./edge/context.js";
export type { Fetch } from "./edge/feed.js";
export { type ErrorCode, type ErrorDetails, KeywardError, type KnownErrorCode } from "./error.js";
export type { Explanation, ExplanationStep } from "./explanation.js";
export type { Json } from "./json.js";
export {
  digestKey,
  type DigestKeyOptions,
  type GeneratedKey,
  generateKey,
  type GenerateKeyOptions,
  type ParsedKey,
  parseKey,
  type UnparsedKey,
} from "./keys.js";
export { createVerifier, type CreateVerifierOptions, openSnapshot, type SnapshotFiles } from "./open.js";
export type { Pepper, Peppers } from "./peppers.js";
export type { Preset, PresetName } from "./profile.js";
export {
  type ProfileConstraint,
  type ProfileField,
  type ProfileInfo,
  profileInfo,
  type ProfileLevel,
  type ProfileLifecycle,
  type ProfileRoute,
} from "./profile-info.js";
export type { Rate, RateStatus } from "./rate.js";
export type {
  ConstraintValues,
  KeyRecord,
  RecordConstraints,
  RecordDigest,
  RecordDigests,
  RecordRights,
} from "./records.js";
export type { HeadersLike, RequestLike } from "./request.js";
export type { SnapshotTrust } from "./trust.js";
export type {
  ContextValue,
  ContextValues,
  RouteHandle,
  Verifier,
  VerifyKeyOptions,
  VerifyOptions,
} from "./verifier.js";
