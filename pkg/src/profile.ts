/**
 * Profiles as this package takes them: compiled, from a preset's module or by a preset's name.
 */
import { presets } from "#platform";
import { decodeBase64 } from "./base64.js";
import { KeywardError } from "./error.js";

/** A ready-made profile, as `keyward/presets/…` exports it. */
export interface Preset {
  /** The profile's name, `esputnik`. */
  readonly id: string;
  /** The profile in compiled form: bytes, or the same in base64. */
  readonly compiled: Uint8Array | string;
}

/** The presets whose name may stand for them in the `default` entry. */
export type PresetName = "emailit" | "esputnik" | "inboxfirst" | "keyward" | "optimove" | "smashfly";

/** The compiled bytes of a profile given as a preset or by name. */
export function compiledProfile(profile: Preset | PresetName): Uint8Array {
  const preset: unknown = typeof profile === "string" ? named(profile) : profile;
  if (typeof preset === "object" && preset !== null && Object.hasOwn(preset, "compiled")) {
    const { compiled } = preset as { readonly compiled: unknown };
    if (compiled instanceof Uint8Array) return compiled;
    if (typeof compiled === "string") return decodeBase64(compiled);
  }
  throw new KeywardError("unknown_profile", "profile: expected a preset such as { id, compiled } or a preset's name");
}

function named(name: string): Preset {
  const preset = presets.find(({ id }) => id === name);
  if (preset) return preset;
  const known = presets.map(({ id }) => id).join(", ");
  throw new KeywardError(
    "unknown_profile",
    known === ""
      ? `profile: names are not resolved here; import it from "keyward/presets/${name}" and pass the object`
      : `profile: no preset is called "${name}"; there are: ${known}`,
  );
}
