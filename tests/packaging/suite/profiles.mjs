import assert from "node:assert/strict";
import { profileInfo } from "keyward";
import { emailit } from "keyward/presets/emailit";
import { esputnik } from "keyward/presets/esputnik";
import { inboxfirst } from "keyward/presets/inboxfirst";
import { keyward } from "keyward/presets/keyward";
import { optimove } from "keyward/presets/optimove";
import { smashfly } from "keyward/presets/smashfly";
import vectors from "../vectors.mjs";
import { isError } from "./fixtures.mjs";

const presets = { emailit, esputnik, inboxfirst, keyward, optimove, smashfly };

export default {
  "every preset is what it is called, and says all that a page shows"() {
    for (const [name, preset] of Object.entries(presets)) {
      const info = profileInfo(preset);
      assert.equal(preset.id, name);
      assert.equal(info.id, name);
      assert.ok(
        info.title.length > 0 && info.levels.length > 0 && info.routes.length > 0 && info.fields.length > 0,
        name,
      );
      for (const { scope, closed, cost, requireFresh } of info.routes) {
        assert.equal(typeof (scope ?? closed), "string", name);
        assert.ok(cost >= 0 && typeof requireFresh === "boolean", name);
      }
      for (const { everything, scopes } of info.levels) assert.ok(everything || scopes.length > 0, name);
      assert.equal(info.headers[0], "authorization", name);
    }
  },

  "what is read of a compiled profile is what the core reads"() {
    for (const [id, expected] of Object.entries(vectors["profile-info"])) {
      assert.deepEqual(profileInfo({ id, compiled: vectors.profiles[id] }), expected, id);
    }
  },

  "a profile that is cut short or goes on is refused"() {
    const bytes = Uint8Array.from(atob(vectors.profiles.mailroom), (character) => character.charCodeAt(0));
    const refused = isError("invalid_profile");
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => profileInfo({ id: "cut", compiled: bytes.slice(0, length) }), refused, `${length} bytes`);
    }
    assert.throws(() => profileInfo({ id: "long", compiled: Uint8Array.of(...bytes, 0) }), refused);
  },

  "formats, transports and headers are told apart"() {
    const { keyFormat, prefix, transports, headers } = profileInfo(keyward);
    assert.deepEqual([keyFormat, prefix], ["checksummed", "kw_live"]);
    assert.deepEqual(transports, ["bearer", "header(x-api-key)"]);
    assert.deepEqual(headers, ["authorization", "x-api-key"]);
    const inbox = profileInfo(inboxfirst);
    assert.deepEqual([inbox.keyFormat, inbox.prefix, inbox.transports], ["account_hex", undefined, ["basic_whole"]]);
  },

  "constraints, closed routes and lifetimes are told"() {
    const [domain] = profileInfo(emailit).constraints;
    assert.deepEqual(
      [domain.name, domain.kind, domain.appliesTo, domain.maxValues, domain.levels],
      ["sending_domain_id", "integer", ["emails.send"], 1, []],
    );
    assert.deepEqual(
      profileInfo(optimove).constraints.map(({ name, levels }) => [name, levels]),
      [
        ["attribute", ["integrations"]],
        ["channel", ["integrations"]],
      ],
    );
    const fly = profileInfo(smashfly);
    assert.match(fly.routes.find(({ pattern }) => pattern === "/jobs").closed, /credentials of the user/);
    assert.deepEqual(fly.lifecycle, { expiresInDays: [90, 180, 365], reversible: false, recoverable: false });
    assert.equal(profileInfo(esputnik).lifecycle.idleDisableDays, 90);
    assert.equal(profileInfo(keyward).constraints[0].kind, "network");
  },
};
