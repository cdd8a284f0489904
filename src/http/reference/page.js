/**
 * Shows openapi.json: operations by tag, with parameters, bodies, answers and a call by curl.
 *
 * Everything is put onto the page as text; nothing in the document can become markup.
 */

const METHODS = ["get", "post", "put", "patch", "delete"];
/** Schemas refer to schemas; this far down they are written out. */
const DEEPEST = 3;
/** What stands in paths, where the document gives no example. */
const SAMPLES = { keyspace: "shop", account: "acme", shard: "0" };

const api = await read();
if (api) {
  show(api);
}

async function read() {
  try {
    const answer = await fetch("openapi.json");
    if (answer.ok) {
      return await answer.json();
    }
    tell(`openapi.json could not be read: the server answered ${answer.status}. Reload the page to try again.`);
  } catch {
    tell("openapi.json could not be read: the server does not answer. Reload the page to try again.");
  }
  return null;
}

function tell(text) {
  document.getElementById("about").replaceChildren(text);
}

function show({ info, paths, tags, components, security }) {
  const look = (schema) => {
    const name = schema?.$ref?.split("/").pop();
    return name === undefined ? (schema ?? {}) : (components.schemas[name] ?? {});
  };
  const response = (answer) => components.responses[answer.$ref?.split("/").pop()] ?? answer;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ method, path, ...item[method] })),
  );
  document.getElementById("about").replaceChildren(
    ...text(`${info.description} Version ${info.version}. `),
    element("a", { href: "openapi.json" }, "openapi.json"),
    " is what this page is made of.",
  );

  const shown = [];
  const sections = tags.map(({ name, description }) => {
    const own = operations.filter((operation) => (operation.tags ?? []).includes(name));
    const entries = own.map((operation) => {
      const entry = element("details", { id: operation.operationId }, heading(operation));
      // Written out when it is opened: most never are.
      entry.addEventListener("toggle", () => entry.childElementCount === 1 && entry.append(inside(operation)));
      shown.push({ entry, words: words(operation) });
      return entry;
    });
    const section = element(
      "section",
      { "aria-labelledby": `tag-${slug(name)}` },
      element("h2", { id: `tag-${slug(name)}` }, capital(name)),
      element("p", { class: "soft" }, ...text(description ?? "")),
      ...entries,
    );
    const link = element("li", {}, element("a", { href: `#tag-${slug(name)}` }, capital(name)));
    return { section, link, entries };
  });
  const present = sections.filter(({ entries }) => entries.length > 0);
  document.getElementById("operations").append(...present.map(({ section }) => section));
  document.getElementById("contents").append(element("ul", {}, ...present.map(({ link }) => link)));

  const search = document.getElementById("search");
  const filter = () => {
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { entry, words } of shown) {
      entry.hidden = !terms.every((term) => words.includes(term));
    }
    for (const { section, link, entries } of present) {
      section.hidden = link.hidden = entries.every((entry) => entry.hidden);
    }
    const left = shown.filter(({ entry }) => !entry.hidden).length;
    document.getElementById("found").textContent =
      terms.length === 0 ? `${shown.length} operations` : `${left} of ${shown.length} operations`;
  };
  search.addEventListener("input", filter);
  filter();
  const open = () => {
    const entry = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (entry instanceof HTMLDetailsElement) {
      entry.open = true;
      entry.scrollIntoView();
    }
  };
  addEventListener("hashchange", open);
  open();

  /** All that a search may find an operation by. */
  function words(operation) {
    const body = look(content(operation.requestBody)?.schema);
    const parts = [
      operation.method,
      operation.path,
      operation.operationId,
      operation.summary,
      operation.description,
      ...(operation.tags ?? []),
      ...(operation.parameters ?? []).map(({ name }) => name),
      ...Object.keys(body.properties ?? {}),
      ...Object.values(operation.responses).map((answer) => response(answer).description),
    ];
    return parts.join("\n").toLowerCase();
  }

  function inside(operation) {
    const parameters = (place) => (operation.parameters ?? []).filter((parameter) => parameter.in === place);
    const body = content(operation.requestBody);
    return element(
      "div",
      { class: "inside" },
      ...(operation.description ? [element("p", {}, ...text(operation.description))] : []),
      ...needs(operation),
      ...[
        ["Path", parameters("path")],
        ["Query", parameters("query")],
        ["Headers", parameters("header")],
      ].flatMap(([title, list]) => (list.length > 0 ? [element("h4", {}, title), table(list.map(parameter))] : [])),
      ...(body
        ? [
            element("h4", {}, operation.requestBody.required ? "Body" : "Body (may be left out)"),
            table(members(body.schema)),
          ]
        : []),
      element("h4", {}, "Call"),
      element("pre", { tabindex: "0" }, curl(operation, body)),
      element("h4", {}, "Answers"),
      ...Object.entries(operation.responses).flatMap(([status, answer]) => answers(status, answer)),
      element(
        "p",
        { class: "soft" },
        "Operation ",
        element("code", {}, operation.operationId),
        " · ",
        element("a", { href: `#${operation.operationId}` }, "link"),
      ),
    );
  }

  function needs(operation) {
    const asked = operation.security ?? security ?? [];
    const isOpen = asked.length === 0 || asked.some((one) => Object.keys(one).length === 0);
    return isOpen ? [element("p", { class: "soft" }, "Needs no credential.")] : [];
  }

  function parameter({ name, required, schema, description, example }) {
    return row(name, schema, required, description, example, 0);
  }

  /** The rows of a schema's members, those of inner objects below them. */
  function members(schema, depth = 0) {
    const own = look(schema);
    const parts = [own, ...(own.allOf ?? []).map(look)];
    const rows = parts.flatMap((part) =>
      Object.entries(part.properties ?? {}).flatMap(([name, member]) => [
        row(name, member, (part.required ?? []).includes(name), describe(member), undefined, depth),
        ...(depth < DEEPEST ? members(inner(member), depth + 1) : []),
      ]),
    );
    const rest = parts.find((part) => typeof part.additionalProperties === "object");
    if (rest && depth === 0) {
      rows.push(row("…", rest.additionalProperties, false, describe(rest.additionalProperties), undefined, depth));
    }
    return rows;
  }

  /** The object that a member is, or is a list of. */
  function inner(schema) {
    const own = look(schema);
    const choice = (own.oneOf ?? own.anyOf ?? []).map(look).find(({ properties }) => properties);
    return own.items ? look(own.items) : (choice ?? own);
  }

  function describe(schema) {
    return schema.description ?? look(schema).description ?? "";
  }

  function row(name, schema, required, description, example, depth) {
    const sample = example ?? schema?.example ?? schema?.examples?.[0];
    return element(
      "tr",
      {},
      element(
        "th",
        { scope: "row", class: `d${depth}` },
        element("code", {}, name),
        " ",
        ...(required ? [element("span", { class: "must" }, "required")] : []),
      ),
      element(
        "td",
        {},
        element("code", { class: "soft" }, kind(schema)),
        ...(description ? [element("div", {}, ...text(description))] : []),
        ...(sample === undefined ? [] : [element("div", { class: "soft" }, "Such as ", element("code", {}, written(sample)))]),
      ),
    );
  }

  /** What a value may be, in a line. */
  function kind(schema, depth = 0) {
    const own = look(schema);
    const choices = own.oneOf ?? own.anyOf;
    if (choices) {
      return [...new Set(choices.map((choice) => kind(choice, depth)))].join(" | ");
    }
    if (own.enum) {
      return own.enum.map(written).join(" | ");
    }
    const bounds = [
      own.format,
      own.minimum !== undefined || own.maximum !== undefined ? `${own.minimum ?? ""}…${own.maximum ?? ""}` : undefined,
      own.maxLength !== undefined ? `at most ${own.maxLength} characters` : undefined,
      own.maxItems !== undefined ? `at most ${own.maxItems}` : undefined,
    ].filter(Boolean);
    const types = [own.type ?? "any"].flat().map((type) => {
      if (type === "array" && own.items) {
        return `[${depth < DEEPEST ? kind(own.items, depth + 1) : "…"}]`;
      }
      return type === "object" && own.additionalProperties && !own.properties
        ? `{ …: ${depth < DEEPEST ? kind(own.additionalProperties, depth + 1) : "…"} }`
        : type;
    });
    return types.join(" | ") + (bounds.length > 0 ? ` (${bounds.join(", ")})` : "");
  }

  function answers(status, told) {
    const answer = response(told);
    const [mediaType, body] = Object.entries(answer.content ?? {})[0] ?? [];
    const headers = Object.keys(answer.headers ?? {}).filter((name) => name !== "X-Request-Id");
    const isProblem = mediaType === "application/problem+json";
    const line = element(
      "p",
      {},
      element("code", { class: Number(status) < 400 ? "get" : "delete" }, status),
      " ",
      ...text(answer.description ?? ""),
      ...(headers.length > 0 ? text(` Headers: ${headers.map((name) => `\`${name}\``).join(", ")}.`) : []),
    );
    if (!body?.schema || isProblem) {
      return [line];
    }
    const rows = members(body.schema);
    return rows.length > 0
      ? [line, table(rows), element("pre", { tabindex: "0" }, written(sample(body), 2))]
      : [line, element("p", { class: "soft" }, mediaType)];
  }

  function curl({ method, path, parameters = [], security: own }, body) {
    const filled = path.replace(/\{(\w+)\}/g, (whole, name) => {
      const found = parameters.find((parameter) => parameter.in === "path" && parameter.name === name);
      return found?.example ?? found?.schema?.example ?? SAMPLES[name] ?? whole;
    });
    const isOpen = own?.some((one) => Object.keys(one).length === 0);
    const lines = [
      `curl ${method === "get" ? "" : `-X ${method.toUpperCase()} `}"$KEYWARD_URL${filled}"`,
      ...(isOpen ? [] : ['-H "Authorization: Bearer $KEYWARD_OPERATOR_KEY"']),
      ...(parameters.some(({ name }) => name === "Idempotency-Key") ? ['-H "Idempotency-Key: $(uuidgen)"'] : []),
      ...(body ? ["-H 'Content-Type: application/json'", `-d '${written(sample(body)).replaceAll("'", "'\\''")}'`] : []),
    ];
    return lines.join(" \\\n  ");
  }

  /** An example as the document gives it, or one made of the examples of its members. */
  function sample({ example, examples, schema }) {
    return example ?? Object.values(examples ?? {})[0]?.value ?? made(schema);
  }

  function made(schema, depth = 0) {
    const own = look(schema);
    const given = schema?.example ?? own.example ?? own.examples?.[0] ?? own.default;
    if (given !== undefined) {
      return given;
    }
    const choice = (own.oneOf ?? own.anyOf)?.find((one) => look(one).type !== "null");
    if (choice) {
      return depth < DEEPEST ? made(choice, depth + 1) : null;
    }
    const type = [own.type ?? "object"].flat()[0];
    if (type === "array") {
      return depth < DEEPEST ? [made(own.items, depth + 1)] : [];
    }
    if (type === "object") {
      const parts = [own, ...(own.allOf ?? []).map(look)];
      const entries = parts.flatMap((part) => Object.entries(part.properties ?? {}));
      return depth < DEEPEST
        ? Object.fromEntries(entries.map(([name, member]) => [name, made(member, depth + 1)]))
        : {};
    }
    if (own.enum) {
      return own.enum[0];
    }
    if (own.format === "date-time") {
      return "2026-11-21T20:14:00.000Z";
    }
    return { string: "…", integer: own.minimum ?? 1, number: 1, boolean: true }[type] ?? null;
  }
}

function content(body) {
  return body && Object.values(body.content)[0];
}

function heading({ method, path, summary }) {
  return element(
    "summary",
    {},
    element("h3", {}, element("span", { class: method }, method.toUpperCase()), element("span", {}, path)),
    element("span", { class: "soft" }, summary ?? ""),
  );
}

function table(rows) {
  return element("table", {}, element("tbody", {}, ...rows));
}

function written(value, indent) {
  return typeof value === "string" && indent === undefined ? value : JSON.stringify(value, null, indent);
}

function slug(name) {
  return name.replaceAll(/\W+/g, "-");
}

function capital(name) {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Text in which `words` between backticks are code. */
function text(line) {
  return line.split("`").map((part, at) => (at % 2 === 1 ? element("code", {}, part) : part));
}

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    made.setAttribute(attribute, value);
  }
  made.append(...children);
  return made;
}
