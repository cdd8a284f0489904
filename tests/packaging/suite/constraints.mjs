import assert from "node:assert/strict";
import { createVerifier } from "keyward";
import { emailit } from "keyward/presets/emailit";
import { keyward } from "keyward/presets/keyward";
import { optimove } from "keyward/presets/optimove";
import { isError, issue, NOW, profile, single } from "./fixtures.mjs";

const SEND = { method: "POST", path: "/v2/emails" };
const CUSTOMERS = { method: "GET", path: "/current/customers/GetCustomersByCampaign" };
const CAMPAIGNS = { method: "GET", path: "/current/actions/GetExecutedCampaignsByChannel" };

const mail = single({ level: "sending", constraints: { sending_domain_id: [7] } }, emailit);
const channels = single(
  { level: "integrations", constraints: { channel: ["sms", "push"], attribute: "all" } },
  optimove,
);
const networks = single({ level: "full", constraints: { ip: ["192.0.2.0/24", "2001:db8::/32"] } }, keyward);

/** What a key comes to: `true`, or the reason. */
const asked = ({ key, verifier }, options) => {
  const decision = verifier.verifyKey(key, { ...options, now: NOW });
  return decision.allowed ? true : decision.reason;
};
const VIOLATED = "constraint_violated";

/** What is wrong with constraints of a record → the error's member, and whose level it is. */
const WRONG = {
  "an empty list": [{ channel: [] }, "constraints.channel"],
  "another word for everything": [{ channel: "*" }, "constraints.channel"],
  null: [{ channel: null }, "constraints.channel"],
  undefined: [{ channel: undefined }, "constraints.channel"],
  "a value that is no list": [{ channel: 7 }, "constraints.channel"],
  "a set": [{ channel: new Set(["sms"]) }, "constraints.channel"],
  "a truth": [{ channel: ["sms", true] }, "constraints.channel[1]"],
  "a hole": [{ channel: Array(1) }, "constraints.channel[0]"],
  "an empty text": [{ channel: [""] }, "constraints.channel[0]"],
  "a text with half a surrogate pair": [{ channel: ["\udc00"] }, "constraints.channel[0]"],
  1.5: [{ channel: [1.5] }, "constraints.channel[0]"],
  NaN: [{ channel: [Number.NaN] }, "constraints.channel[0]"],
  infinity: [{ channel: [Infinity] }, "constraints.channel[0]"],
  "2^53": [{ channel: [2 ** 53] }, "constraints.channel[0]"],
  "a number of arbitrary length": [{ channel: [7n] }, "constraints.channel[0]"],
  "a number where there are texts": [{ channel: [7] }, "constraints.channel"],
  "a dimension that there is not": [{ chanel: ["sms"] }, "constraints.chanel"],
  "constraints that are a list": [["channel"], "constraints"],
  "constraints that are a map": [new Map([["channel", ["sms"]]]), "constraints"],
  "constraints by way of a prototype": [Object.create({ channel: ["sms"] }), "constraints"],
  "too many values": [{ channel: Array.from({ length: 101 }, (_, at) => `c${at}`) }, "constraints.channel"],
};

/** Contexts that cannot be, and the member at fault. */
const IMPOSSIBLE = [
  [emailit, mail, { sending_domain_id: 7.5 }, "context.sending_domain_id"],
  [emailit, mail, { sending_domain_id: Number.NaN }, "context.sending_domain_id"],
  [emailit, mail, { sending_domain_id: Infinity }, "context.sending_domain_id"],
  [emailit, mail, { sending_domain_id: 2 ** 53 }, "context.sending_domain_id"],
  [emailit, mail, { sending_domain_id: 7n }, "context.sending_domain_id"],
  [emailit, mail, { sending_domain_id: null }, "context.sending_domain_id"],
  [emailit, mail, { sending_domain_id: { id: 7 } }, "context.sending_domain_id"],
  [emailit, mail, { sending_domain_id: Array(1) }, "context.sending_domain_id[0]"],
  [emailit, mail, { domain: 7 }, "context.domain"],
  [emailit, mail, { sending_domain_id: 7, toString: 7 }, "context.toString"],
  [emailit, mail, { sending_domain_id: Array(65).fill(7) }, "context"],
  [optimove, channels, { channel: true }, "context.channel"],
  [optimove, channels, { channel: ["sms", new String("sms")] }, "context.channel[1]"],
  [optimove, channels, { channel: "a\ud800" }, "context.channel"],
  [optimove, channels, { channel: "c".repeat(5000) }, "context"],
  [optimove, channels, { channel: Array.from({ length: 60 }, () => "ü".repeat(50)) }, "context"],
  [keyward, networks, { ip: "192.0.2.7" }, "context.ip"],
  ...[
    [],
    ["sms"],
    "channel",
    5,
    true,
    null,
    new Map(),
    () => undefined,
    Promise.resolve({}),
    Object.create({ a: 1 }),
  ].map((context) => [optimove, channels, context, "context"]),
];

export default {
  ...Object.fromEntries(
    Object.entries(WRONG).map(([what, [constraints, member]]) => [
      `of a record: ${what} is refused, with its place`,
      () => {
        const before = issue("key_before", { level: "admin" }, optimove).record;
        const { record } = issue("key_1", { level: "integrations", constraints }, optimove);
        let error;
        try {
          createVerifier({ profile: optimove, records: [before, record] });
        } catch (thrown) {
          error = thrown;
        }
        assert.ok(
          isError("invalid_record", member)(error) || isError("invalid_argument", member)(error),
          String(error),
        );
        assert.equal(error.record, 1);
      },
    ]),
  ),

  "a level whose keys are not limited in a dimension takes none of its constraints"() {
    const { record } = issue("key_1", { level: "admin", constraints: { channel: ["sms"] } }, optimove);
    assert.throws(() => createVerifier({ profile: optimove, records: [record] }), isError("invalid_record"));
  },

  "a whole number: the call says it, or is refused"() {
    const ask = (sending_domain_id) => asked(mail, { ...SEND, context: { sending_domain_id } });
    assert.equal(ask(7), true);
    assert.equal(ask([7]), true);
    assert.equal(ask([7, 7]), true);
    for (const other of [8, 0, -7, -0, 2 ** 53 - 1, "7", [7, "7"], [7, 8], [8, 7], [], undefined]) {
      assert.equal(ask(other), VIOLATED, String(other));
    }
    assert.equal(asked(mail, SEND), VIOLATED);
    assert.equal(asked(mail, { ...SEND, context: {} }), VIOLATED);
    assert.equal(asked(mail, { ...SEND, context: Object.assign(Object.create(null), { sending_domain_id: 7 }) }), true);
  },

  "texts: every one of a list has to be allowed, byte for byte"() {
    const ask = (channel) => asked(channels, { ...CAMPAIGNS, context: { channel } });
    for (const good of ["sms", "push", ["sms"], ["push", "sms"]]) assert.equal(ask(good), true, String(good));
    for (const bad of ["mail", "SMS", "sms ", "", "sms\u0000", "ѕms", 7, ["sms", "mail"], ["sms", 7], [], undefined]) {
      assert.equal(ask(bad), VIOLATED, JSON.stringify(bad));
    }
    assert.equal(asked(channels, { ...CAMPAIGNS, context: { channel: "sms", attribute: ["any", "other"] } }), true);
  },

  "a list at its caps is still a list"() {
    assert.equal(asked(mail, { ...SEND, context: { sending_domain_id: Array(64).fill(7) } }), true);
    const wide = "ü".repeat(64);
    const { key, record } = issue("wide", { level: "integrations", constraints: { channel: [wide] } }, optimove);
    const verifier = createVerifier({ profile: optimove, records: [record] });
    assert.equal(asked({ key, verifier }, { ...CAMPAIGNS, context: { channel: Array(30).fill(wide) } }), true);
  },

  "a dimension counts where it applies, and not on the question whether a key is alive"() {
    const { key, verifier } = single({ level: "integrations", constraints: { attribute: ["email"] } }, optimove);
    const ask = (options) => asked({ key, verifier }, options);
    assert.equal(ask({}), true);
    assert.equal(ask(CAMPAIGNS), true);
    assert.equal(ask(CUSTOMERS), VIOLATED);
    assert.equal(ask({ ...CUSTOMERS, context: { attribute: "email" } }), true);
    assert.equal(ask({ scope: "customers.read" }), VIOLATED);
    assert.equal(ask({ scope: "customers.read", context: { attribute: "email" } }), true);
    const route = verifier.route(CUSTOMERS.method, CUSTOMERS.path);
    assert.equal(ask({ route }), VIOLATED);
    assert.equal(ask({ route, context: { attribute: "email" } }), true);
  },

  "a network: held against the client's address, whatever is asked"() {
    const call = { method: "GET", path: "/anything" };
    for (const options of [{}, call, { scope: "read" }, { route: networks.verifier.route("GET", "/anything") }]) {
      const ask = (clientAddress) => asked(networks, { ...options, clientAddress });
      for (const inside of ["192.0.2.0", "192.0.2.255", "2001:db8::1", "2001:0DB8:FFFF::", "::ffff:192.0.2.7"]) {
        assert.equal(ask(inside), true, inside);
      }
      const outside = ["192.0.3.0", "2001:db9::", "::", "192.0.2.7:443", "[2001:db8::1]", "192.0.2.7, 10.0.0.1"];
      outside.push(
        "192.0.2.07",
        "192.0.2",
        " 192.0.2.7",
        "",
        "localhost",
        "١٩٢.0.2.7",
        "1".repeat(1 << 16),
        null,
        undefined,
      );
      for (const address of outside) assert.equal(ask(address), VIOLATED, String(address).slice(0, 40));
      assert.equal(asked(networks, options), VIOLATED);
    }
    for (const wrong of [7, ["192.0.2.7"], {}, true]) {
      assert.throws(() => asked(networks, { clientAddress: wrong }), isError("invalid_argument", "clientAddress"));
    }
  },

  "an address that nobody is limited to is of no account"() {
    const { key, verifier } = single({ level: "events" });
    for (const clientAddress of ["192.0.2.7", "nonsense", "", null, undefined]) {
      assert.equal(asked({ key, verifier }, { scope: "events", clientAddress }), true);
    }
  },

  "a request is decided with its context as a bare key is"() {
    const request = { method: "POST", url: SEND.path, headers: { authorization: `Bearer ${mail.key}` } };
    const ask = (context) => mail.verifier.verify(request, { context, now: NOW });
    assert.equal(ask({ sending_domain_id: 7 }).allowed, true);
    assert.deepEqual([ask({ sending_domain_id: 8 }).reason, ask(undefined).reason], [VIOLATED, VIOLATED]);
    assert.equal(ask({ sending_domain_id: 8 }).status, 403);
    // What is not ASCII crosses piece by piece.
    const wide = { ...request, url: `${SEND.path}?q=ü` };
    const asWide = (context) => mail.verifier.verify(wide, { context, now: NOW }).allowed;
    assert.deepEqual([asWide({ sending_domain_id: 7 }), asWide({ sending_domain_id: 8 })], [true, false]);
    const get = { method: "GET", url: "/", headers: { "x-api-key": networks.key } };
    assert.equal(networks.verifier.verify(get, { clientAddress: "192.0.2.7", now: NOW }).allowed, true);
    assert.equal(networks.verifier.verify(get, { clientAddress: "192.0.3.7", now: NOW }).reason, VIOLATED);
  },

  "what cannot be a context is said to be none, with its place, and disturbs nothing"() {
    for (const [, { key, verifier }, context, member] of IMPOSSIBLE) {
      const what = `${member} of ${String(Object.keys(context ?? {}))}`;
      assert.throws(() => verifier.verifyKey(key, { context, now: NOW }), isError("invalid_argument", member), what);
      const request = { url: "/", headers: {} };
      assert.throws(() => verifier.verify(request, { context }), isError("invalid_argument", member), what);
      assert.throws(() => verifier.explainKey(key, { context }), isError("invalid_argument", member), what);
    }
    assert.equal(asked(mail, { ...SEND, context: { sending_domain_id: 7 } }), true);
    assert.equal(asked(channels, { ...CAMPAIGNS, context: { channel: "sms" } }), true);
  },

  "an unknown name is answered with the known ones"() {
    for (const [{ key, verifier }, known] of [
      [mail, /sending_domain_id/],
      [channels, /attribute, channel/],
      [networks, /has none/],
      [single({ level: "events" }), /has none/],
    ]) {
      assert.throws(() => verifier.verifyKey(key, { context: { nothing: 1 } }), known);
    }
  },

  "a getter that throws, asks again or changes its mind leaves nothing half done"() {
    const thrower = {
      get channel() {
        throw new RangeError("mine");
      },
    };
    assert.throws(() => asked(channels, { ...CAMPAIGNS, context: thrower }), /mine/);
    let inner;
    let times = 0;
    const tricky = {
      get channel() {
        inner = asked(channels, { ...CAMPAIGNS, context: { channel: "mail" } });
        return times++ === 0 ? "sms" : "mail";
      },
    };
    assert.equal(asked(channels, { ...CAMPAIGNS, context: tricky }), true);
    assert.deepEqual([inner, times], [VIOLATED, 1]);
    const shrinking = new Proxy(["mail"], { get: (list, name) => (name === "length" ? times-- : list[name]) });
    assert.equal(asked(channels, { ...CAMPAIGNS, context: { channel: shrinking } }), VIOLATED);
  },

  "what a prototype says is no context"() {
    const { prototype } = Object;
    prototype.channel = "sms";
    prototype.context = { channel: "sms" };
    prototype.clientAddress = "192.0.2.7";
    try {
      assert.equal(asked(channels, { ...CAMPAIGNS, context: {} }), VIOLATED);
      assert.equal(asked(channels, CAMPAIGNS), VIOLATED);
      assert.equal(networks.verifier.verifyKey(networks.key, { scope: "read", now: NOW }).reason, VIOLATED);
    } finally {
      delete prototype.channel;
      delete prototype.context;
      delete prototype.clientAddress;
    }
  },

  "a decision tells what the key may use, in every dimension, frozen"() {
    const { constraints } = channels.verifier.verifyKey(channels.key, { now: NOW });
    assert.deepEqual({ ...constraints }, { attribute: "all", channel: ["push", "sms"] });
    assert.ok(Object.isFrozen(constraints) && Object.isFrozen(constraints.channel));
    assert.equal(channels.verifier.verifyKey(channels.key, { now: NOW }).constraints, constraints);
    const free = single({ level: "admin" }, optimove);
    assert.deepEqual(free.verifier.verifyKey(free.key, { now: NOW }).constraints, { attribute: "all", channel: "all" });
    const net = networks.verifier.verifyKey(networks.key, { clientAddress: "192.0.2.7", now: NOW });
    assert.deepEqual(net.constraints, { ip: ["192.0.2.0/24", "2001:db8::/32"] });
    const number = mail.verifier.verifyKey(mail.key, { now: NOW });
    assert.deepEqual(number.constraints, { sending_domain_id: [7] });
  },

  "every key of many has its own constraints"() {
    const made = Array.from({ length: 1500 }, (_, at) =>
      issue(
        `key_${at}`,
        at % 3 === 0 ? { level: "full" } : { level: "sending", constraints: { sending_domain_id: [at] } },
        emailit,
      ),
    );
    const verifier = createVerifier({ profile: emailit, records: made.map(({ record }) => record) });
    for (let round = 0; round < 2; round++) {
      for (const [at, { key }] of made.entries()) {
        const decision = verifier.verifyKey(key, { ...SEND, context: { sending_domain_id: at }, now: NOW });
        assert.deepEqual(decision.constraints, { sending_domain_id: at % 3 === 0 ? "all" : [at] });
        const other = verifier.verifyKey(key, { ...SEND, context: { sending_domain_id: at + 1 }, now: NOW });
        assert.equal(other.allowed, at % 3 === 0);
      }
    }
  },

  "an explanation names the dimension, and not what the call said"() {
    const { key, verifier } = channels;
    const explained = (context) => verifier.explainKey(key, { ...CAMPAIGNS, context, now: NOW });
    const { verdict, reason, steps } = explained({ channel: "secret channel" });
    const failed = steps.filter(({ outcome }) => outcome === "fail");
    assert.deepEqual([verdict, reason, failed.length, failed[0].step], ["deny", VIOLATED, 1, "constraint"]);
    assert.match(failed[0].detail, /channel/);
    assert.equal(explained({ channel: "sms" }).verdict, "allow");
    const request = { url: "/", headers: { authorization: `Bearer ${networks.key}` } };
    assert.equal(networks.verifier.explain(request, { clientAddress: "192.0.2.7", now: NOW }).verdict, "allow");
    assert.equal(networks.verifier.explain(request, { now: NOW }).reason, VIOLATED);
  },

  "a profile without constraints takes no context but an empty one"() {
    const { key, verifier } = single({ level: "events" }, profile);
    assert.equal(asked({ key, verifier }, { scope: "events", context: {} }), true);
    assert.throws(() => asked({ key, verifier }, { context: { channel: "sms" } }), isError("invalid_argument"));
  },
};
